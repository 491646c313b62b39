"""What old objects are called as owners of what is new beneath them: learnt once per type, since there are many."""

from __future__ import annotations

import types
from typing import Any, Optional

from ..census import localvariables
from ..objects import kinds
from ..origin import classification, loaded, modulenames, sourcelines
from ..process import counts
from . import retainerpaths, retainersearch

_PART, _TASK = object(), object()


class Shareholders:
    """Names things; ``named`` are the containers with their owner paths."""

    def __init__(self, named: list[tuple[str, Any]]) -> None:
        self.kinds = kinds.Kinds()
        self._names = {id(thing): path for path, thing in named}
        self._of_types: dict[int, Any] = {}

    def is_named(self, thing: Any) -> bool:
        """Tell whether a thing is one of the containers that have an owner path."""
        return id(thing) in self._names

    def name(self, thing: Any, whole: Optional[str]) -> Optional[str]:
        """Return the owner path of a thing, or what it is; of one that says nothing, that of the whole it is part of.

        None is the agent's own, for which nothing counts.
        """
        path = self._names.get(id(thing))
        if path is not None:
            return path
        key = id(type(thing))
        if key not in self._of_types:
            self._of_types[key] = self._learn(type(thing))
        name = self._of_types[key]
        if name is _TASK:
            return f"task:{counts.task_name(thing)}"
        told: Optional[str] = whole if name is _PART else name
        return told

    def _learn(self, of: type) -> Any:
        if counts.done_of(of) is not None:
            return _TASK
        if self.kinds.of(of) != kinds.INSTANCE:
            return _PART
        return None if classification.is_own(kinds.module_of_type(of)) else kinds.describe_type(of)


def name_of_root(root: Any) -> Optional[str]:
    """Return the metric of a task or greenlet, a few words on a module, frame or loop; None of the agent's own."""
    if counts.is_task(root):
        return f"task:{counts.task_name(root)}"
    if kinds.is_of(root, types.ModuleType):
        return modulenames.name_of(loaded.namespace(root)) or "?"
    if retainersearch.is_loop(type(root)):
        return kinds.describe_type(type(root))
    code = localvariables.code_of(root)
    if code is None:
        return "task:greenlet"
    return None if sourcelines.is_own_file(code.co_filename) else retainerpaths.describe(root)

"""The modules of the target, each by one name, and which of them assigns a global that several have."""

from __future__ import annotations

import ast
import types
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from ..objects.liveobjects import LiveObjects
from ..origin import classification, loaded, modulenames, sourcefiles


def loaded_modules(live: LiveObjects) -> list[tuple[str, Any]]:
    """Return ``(name as told, module)`` of the loaded modules by name, each once, the agent's left out.

    Those that were loaded from a file by its path, and that nobody put into ``sys.modules``, come last.
    """
    once: dict[int, tuple[str, Any]] = {}
    for name, module in sorted(loaded.modules(), key=itemgetter(0)):
        if not classification.is_own(name):
            once.setdefault(id(module), (modulenames.tell(name), module))
    for module in live.of(types.ModuleType):
        name, file = modulenames.name_of(loaded.namespace(module)), classification.file_of(module)
        if id(module) not in once and name and file and loaded.module(name) is None:
            modulenames.add_unlisted(name, file)
            once[id(module)] = (name, module)
    return list(once.values())


def is_better(module_name: str, name: str, earlier: tuple[str, str, Any]) -> bool:
    """Tell whether a global names a thing better than another, because its module assigns it and does not import it."""
    return assigns(module_name, name) and not assigns(earlier[0], earlier[1])


_assigned: dict[str, str] = {}


def assigns(module_name: str, name: str) -> bool:
    """Tell whether a module's source assigns a global at top level, rather than importing it."""
    if module_name not in _assigned:
        _assigned[module_name] = " ".join(["", *assigned_names(module_name), ""])
    return f" {name} " in _assigned[module_name]


def assigned_names(module_name: str) -> Iterator[str]:
    """Yield the names that the statements of a module's source store."""
    file = classification.file_of_name(module_name)
    tree = sourcefiles.parse(file) if file else None
    for statement in tree.body if tree is not None else ():
        if not isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id

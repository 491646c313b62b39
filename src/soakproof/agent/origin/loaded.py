"""The modules that are loaded; `sys.modules` may hold anything, such as instances that say they are modules."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from ..objects import kinds
from . import modulenames

_globals: Any = vars(ModuleType)["__dict__"].__get__


def modules() -> list[tuple[str, Any]]:
    """Return ``(name, module)`` of all that are modules, and stand under a text."""
    return [(name, thing) for name, thing in entries() if kinds.is_of(thing, ModuleType)]


def names() -> list[str]:
    """Return the names under which something is loaded."""
    return [name for name, _ in entries()]


def entries() -> list[tuple[str, Any]]:
    """Return what is in `sys.modules` under texts, without a method of the target's."""
    loaded: Any = sys.modules
    if not kinds.is_of(loaded, dict):
        return []
    # A copy, since going through pairs makes them, which may collect garbage, and let another thread import meanwhile.
    return [item for item in dict.copy(loaded).items() if type(item[0]) is str]


def module(name: str) -> Any:
    """Return the loaded module that is called so, None where there is none, or something that is none."""
    loaded: Any = sys.modules
    found = dict.get(loaded, modulenames.raw(name)) if kinds.is_of(loaded, dict) else None
    return found if kinds.is_of(found, ModuleType) else None


def attribute(name: str, attribute: str) -> Any:
    """Return a global of a loaded module, None where there is none; a module's ``__getattr__`` is not asked."""
    return namespace(module(name)).get(attribute)


def namespace(module: Any) -> dict[str, Any]:
    """Return a module's globals without calling a ``__getattr__`` of its own; empty where it is no module."""
    if not kinds.is_of(module, ModuleType):
        return {}
    found = _globals(module)
    return found if type(found) is dict else {}

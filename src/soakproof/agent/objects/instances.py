"""The attributes of instances, by C slots alone, and without making a ``__dict__`` where the interpreter has none.

From CPython 3.11 on, what a new instance has under names is kept in the instance itself, and its ``__dict__`` is made
when somebody asks for it; for good: up to 3.12 its attributes and methods are found by slower ways from then on. For
the objects that a server works with all the time that comes to 5 % of its instructions (docs/observer.md).
"""

from __future__ import annotations

import sys
import types
from typing import Any, Optional

from . import kinds

read_attribute = object.__getattribute__
_set_attribute = object.__setattr__
_type_flags: Any = type.__dict__["__flags__"].__get__
_MANAGED_DICT = 1 << 4  # Py_TPFLAGS_MANAGED_DICT
_GENUINE = (types.GetSetDescriptorType, types.MemberDescriptorType)  # the latter of types.SimpleNamespace


def instance_dict(thing: Any) -> Optional[dict[str, Any]]:
    """Return an instance's genuine ``__dict__``, even where its class puts a property in front of it (LocalProxy)."""
    for base in kinds.mro_of(type(thing)):
        descriptor = kinds.class_dict(base).get("__dict__")
        if type(descriptor) in _GENUINE:
            namespace = descriptor.__get__(thing, type(thing))
            return namespace if type(namespace) is dict else None
    return None


def slot_names(candidate: type) -> list[str]:
    """Return the names of the ``__slots__`` of a type and its bases, as they are stored."""
    names: list[str] = []
    for base in kinds.mro_of(candidate):
        namespace = kinds.class_dict(base)
        if "__slots__" in namespace:
            names.extend(name for name, found in namespace.items() if type(found) is types.MemberDescriptorType)
    return names


def is_plainly_readable(candidate: type, name: str) -> bool:
    """Tell whether ``object.__getattribute__`` can read this attribute without running a descriptor of the target's."""
    try:
        found = kinds.class_attribute(candidate, name)
    except KeyError:
        return True
    if type(found) is types.MemberDescriptorType:
        return True
    return not any("__get__" in kinds.class_dict(base) for base in kinds.mro_of(type(found)))


def attribute(thing: Any, name: str) -> Any:
    """Return an instance's attribute by C slots alone; raise AttributeError when that cannot be done."""
    if is_plainly_readable(type(thing), name):
        return read_attribute(thing, name)
    namespace = instance_dict(thing)
    if namespace is None or name not in namespace:
        raise AttributeError(name)
    return namespace[name]


def set_attribute(thing: Any, name: str, value: object) -> None:
    """Set an instance's attribute by C slots alone; nothing is set where its class would run code for it."""
    if is_plainly_readable(type(thing), name):
        _set_attribute(thing, name, value)


def read(thing: Any, name: str) -> Any:
    """Return an instance's attribute by C slots alone, None where there is none."""
    try:
        return attribute(thing, name)
    except AttributeError:
        return None


def read_plainly(thing: Any, name: str) -> Any:
    """Return an attribute of which `is_plainly_readable` is known already, None where there is none."""
    try:
        return read_attribute(thing, name)
    except AttributeError:
        return None


def keeps_values_inline(candidate: type) -> bool:
    """Tell whether an instance of a type may have no ``__dict__`` yet, and would not be as it was once asked for it.

    From CPython 3.13 on it loses nothing by it, but from 3.14 on it refers to the dict in place of its values.
    """
    return sys.version_info >= (3, 11) and bool(_type_flags(candidate) & _MANAGED_DICT)

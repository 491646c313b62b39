"""The attributes of instances, by C slots alone, and without making a ``__dict__`` where the interpreter has none.

From CPython 3.11 on, what a new instance has under names is kept in the instance itself, and its ``__dict__`` is made
when somebody asks for it; for good: up to 3.12 its attributes and methods are found by slower ways from then on. For
the objects that a server works with all the time that comes to 5 % of its instructions (docs/observer.md).
"""

from __future__ import annotations

import sys
import types
from contextlib import suppress
from typing import Any, Optional

from ..process import foreign
from . import kinds

read_attribute = object.__getattribute__
_set_attribute = object.__setattr__
_type_flags: Any = type.__dict__["__flags__"].__get__
_MANAGED_DICT = 1 << 4  # Py_TPFLAGS_MANAGED_DICT
_dict_offset: Any = type.__dict__["__dictoffset__"].__get__


class _Plain:
    """A class like the target's own, by whose ``__dict__`` theirs are known."""


_GENUINE_DOC: Any = type.__dict__["__dict__"].__get__(_Plain)["__dict__"].__doc__


def instance_dict(thing: Any) -> Optional[dict[str, Any]]:
    """Return an instance's genuine ``__dict__``, even where its class puts a property in front of it (LocalProxy).

    What a class statement makes hands out the instance's own. A getter in C may do anything: that of wrapt's
    ``ObjectProxy`` asks what it wraps, whose code may be the target's. So where there is one of those, however far
    behind, the pointer itself is read.
    """
    descriptors = [kinds.class_dict(base).get("__dict__") for base in kinds.mro_of(type(thing))]
    getters = [each for each in descriptors if type(each) is types.GetSetDescriptorType]
    member = next((each for each in descriptors if type(each) is types.MemberDescriptorType), None)
    namespace: Any = None
    if any(each.__doc__ != _GENUINE_DOC for each in getters):
        namespace = dict_in_slot(thing)
    elif getters:
        namespace = getters[0].__get__(thing, type(thing))
    elif member is not None:  # of types.SimpleNamespace
        namespace = read_member(member, thing)
    return namespace if type(namespace) is dict else None


def read_member(member: Any, thing: Any) -> Any:
    """Return a field of C of an instance, None where it is empty, or another class's."""
    try:
        return member.__get__(thing, type(thing))
    except (AttributeError, TypeError):
        return None


def dict_in_slot(thing: Any) -> Any:
    """Return what stands where an object of C keeps its ``__dict__``, None where it has none, or none yet."""
    offset = _dict_offset(type(thing))
    if offset <= 0 or kinds.is_of(thing, type):
        return None
    ctypes = foreign.load()
    if ctypes is None:
        return None
    try:
        return ctypes.py_object.from_address(id(thing) + offset).value
    except ValueError:  # none made yet
        return None


def slot_names(candidate: type) -> list[str]:
    """Return the names of the ``__slots__`` of a type and its bases, as they are stored."""
    names: list[str] = []
    for base in kinds.mro_of(candidate):
        namespace = kinds.class_dict(base)
        if "__slots__" in namespace:
            names.extend(name for name, found in list(namespace.items()) if is_slot(name, found))
    return names


def is_slot(name: Any, found: Any) -> bool:
    """Tell whether an attribute of a class is one of its slots."""
    return type(name) is str and type(found) is types.MemberDescriptorType


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
        try:
            return read_attribute(thing, name)
        except TypeError as error:  # the slot of another class
            raise AttributeError(name) from error
    namespace = instance_dict(thing)
    if namespace is None or name not in namespace:
        raise AttributeError(name)
    return namespace[name]


def set_attribute(thing: Any, name: str, value: object) -> None:
    """Set an instance's attribute by C slots alone; nothing is set where its class would run code for it."""
    if is_plainly_readable(type(thing), name):
        with suppress(AttributeError, TypeError):  # a slot's that is another class's, or a type that sets none
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
    except (AttributeError, TypeError):
        return None


def keeps_values_inline(candidate: type) -> bool:
    """Tell whether an instance of a type may have no ``__dict__`` yet, and would not be as it was once asked for it.

    From CPython 3.13 on it loses nothing by it, but from 3.14 on it refers to the dict in place of its values.
    """
    return sys.version_info >= (3, 11) and bool(_type_flags(candidate) & _MANAGED_DICT)

"""All objects that the collector tracks, by type: how many of each, and the objects themselves where they matter."""

from __future__ import annotations

import functools
import types
import weakref
from typing import Any

from . import tracked

# Of these there are most, and nobody asks for them one by one: containers are found through who holds them.
_ANONYMOUS: tuple[type, ...] = (
    dict, list, set, tuple, frozenset, types.CellType, types.BuiltinFunctionType, types.WrapperDescriptorType,
    types.MethodWrapperType, types.MethodDescriptorType, types.ClassMethodDescriptorType, types.GetSetDescriptorType,
    types.MemberDescriptorType, types.MethodType, types.MappingProxyType, weakref.ReferenceType, property, staticmethod,
    classmethod, functools.partial, super,
)  # fmt: skip
_ANONYMOUS_IDS = frozenset(map(id, _ANONYMOUS))


class LiveObjects:
    """What the collector tracks at the moment when this is made.

    ``groups`` maps the ``id`` of a type to its objects, for the types whose objects are looked at one by one;
    ``counts`` and ``types`` have all. Types are told apart by ``id``, because a metaclass may define ``__hash__``.
    """

    def __init__(self) -> None:
        counted = tracked.count_types()
        self.total = sum(counted.values())
        self.groups: dict[int, list[Any]] = {}
        for thing in tracked.objects(passed_over=_ANONYMOUS_IDS):
            self.groups.setdefault(id(type(thing)), []).append(thing)
        self.types: dict[int, type] = {id(each): each for each in _ANONYMOUS}
        self.types.update((key, type(things[0])) for key, things in self.groups.items())
        self.counts = {key: count for key, count in counted.items() if key in self.types}

    def of(self, exact: type) -> list[Any]:
        """Return the objects of exactly this type; empty for the types that nobody asks for one by one."""
        return self.groups.get(id(exact), [])

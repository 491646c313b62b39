"""All objects that the collector tracks, by type: how many of each, and the objects themselves where they matter."""

from __future__ import annotations

import functools
import types
import weakref
from collections import defaultdict, deque
from typing import Any

from ..origin import classification
from . import kinds, tracked

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
    ``counts`` and ``types`` have all, the agent's own too. Types are told apart by ``id``, because a metaclass may
    define ``__hash__``.
    """

    def __init__(self) -> None:
        found, self.counts = tracked.find_and_count(passed_over=_ANONYMOUS_IDS)
        self.groups: dict[int, list[Any]] = group_by_type(found)
        self.types: dict[int, type] = {id(each): each for each in _ANONYMOUS}
        self.types.update((key, type(things[0])) for key, things in self.groups.items())
        self.counts.update((key, len(things)) for key, things in self.groups.items())
        self.total = sum(self.counts.values())
        for key in [key for key in self.groups if classification.is_own(kinds.module_of_type(self.types[key]))]:
            del self.groups[key]  # this is among them: it would keep itself, and all that it found with it
        self._derived: dict[int, list[int]] = {}
        for key in self.groups:
            for base in kinds.mro_of(self.types[key]):
                self._derived.setdefault(id(base), []).append(key)

    def of(self, exact: type) -> list[Any]:
        """Return the objects of exactly this type; empty for the types that nobody asks for one by one."""
        return self.groups.get(id(exact), [])

    def derived(self, base: type) -> list[list[Any]]:
        """Return the objects of each type that is this one or descends from it."""
        return [self.groups[key] for key in self._derived.get(id(base), ())]


def group_by_type(things: list[Any]) -> dict[int, list[Any]]:
    """Return the things by the ``id`` of their types; a loop of C alone, because there may be millions."""
    groups: defaultdict[int, list[Any]] = defaultdict(list)
    deque(map(list.append, map(groups.__getitem__, map(id, map(type, things))), things), maxlen=0)
    return dict(groups)

"""All objects that the collector tracks, by type: how many of each, and the objects themselves where they matter."""

from __future__ import annotations

import functools
import gc
import types
import weakref
from collections import Counter
from itertools import compress
from typing import Any

# Of these there are most, and nobody asks for them one by one: containers are found through who holds them.
_ANONYMOUS: tuple[type, ...] = (
    dict, list, set, tuple, frozenset, types.CellType, types.BuiltinFunctionType, types.WrapperDescriptorType,
    types.MethodWrapperType, types.MethodDescriptorType, types.ClassMethodDescriptorType, types.GetSetDescriptorType,
    types.MemberDescriptorType, types.MethodType, types.MappingProxyType, weakref.ReferenceType, property, staticmethod,
    classmethod, functools.partial, super,
)  # fmt: skip
_ANONYMOUS_IDS = frozenset(map(id, _ANONYMOUS))


def collect() -> bool:
    """Collect garbage, unless the target has switched that off; return whether it was done."""
    if not gc.isenabled():
        return False
    gc.collect()
    return True


class Population:
    """What the collector tracks at one moment.

    ``groups`` maps the ``id`` of a type to its objects, for the types whose objects are looked at one by one;
    ``counts`` and ``types`` have all. Types are told apart by ``id``, because a metaclass may define ``__hash__``.
    """

    def __init__(self, objects: list[Any]) -> None:
        ids = list(map(id, map(type, objects)))
        self.counts: dict[int, int] = Counter(ids)
        groups: dict[int, list[Any]] = {key: [] for key in self.counts if key not in _ANONYMOUS_IDS}
        is_named = list(map(groups.__contains__, ids))
        pairs = zip(compress(ids, is_named), compress(objects, is_named))  # noqa: B905 -- strict is of Python 3.10
        for key, thing in pairs:
            groups[key].append(thing)
        self.groups = groups
        self.types: dict[int, type] = {id(each): each for each in _ANONYMOUS}
        self.types.update((key, type(things[0])) for key, things in groups.items())

    def of(self, exact: type) -> list[Any]:
        """Return the objects of exactly this type; empty for the types that nobody asks for one by one."""
        return self.groups.get(id(exact), [])

"""Which attributes of a type's instances hold containers, and their values, read in bulk.

The names are learnt once a type, from its slots, its code and the ``__dict__`` of a few instances, and only the
interesting ones are kept. What a census then reads per instance is one C call per interesting attribute. An attribute
that becomes interesting later is noticed in a sample of the referents, and learnt then.
"""

from __future__ import annotations

import functools
import gc
import sys
from collections.abc import Iterator
from itertools import repeat
from typing import Any, Optional

from .. import unpatched
from ..process import pymalloc
from . import appstate, instances, kinds, storednames

SAMPLE = 32
UNNAMED = "<refs>"
# What such an instance refers to, where it is just one thing.
_UNNAMED_PARTS = {
    "_contextvars:ContextVar": "<default>",
    "_asyncio:Future": "<callbacks>",
    "_asyncio:Task": "<callbacks>",
}
MOST_PROFILES = 20000
MOST_NAMED = 200  # attributes, more than anybody writes: what comes behind them a program has put there
_partial_args: Any = functools.partial.__dict__["args"].__get__
_partial_keywords: Any = functools.partial.__dict__["keywords"].__get__

_profiles: dict[int, str] = {}  # id of the type -> "qualname attr attr ..."; atoms, so the collector never sees them


class Reader:
    """Reads attributes of groups of instances, for one walk."""

    def __init__(self, kinds: kinds.Kinds) -> None:
        self._kinds = kinds

    def attributes(self, of: type, group: list[Any], wanted: frozenset[int]) -> Iterator[tuple[str, list[Any]]]:
        """Yield ``(name, values)`` for the attributes of these instances whose values are of a wanted kind."""
        parts = hidden_parts(of, group)
        if parts is not None:
            yield from ((name, chosen) for name, held in parts.items() if (chosen := self._kinds.select(held, wanted)))
            return
        names = self._known(of)
        if names is None:
            names = self._learn(of, group[:1] + group[-1:], wanted)
        found: set[int] = set()
        for name, held in appstate.entries_in_state(of, group):
            if self._kinds.of(type(held)) in wanted:
                found.add(id(held))
                yield name, [held]
        for name in names:
            values = self._kinds.select(read_all(of, group, name), wanted)
            if values:
                found.update(map(id, values))
                yield name, values
        yield from self._missed(of, group, wanted, found)

    def _known(self, of: type) -> Any:
        profile = _profiles.get(id(of))
        if profile is None:
            return None
        qualname, *names = profile.split(" ")
        # Interned, because CPython's cache of attribute look-ups would keep every new copy of a name alive.
        return list(map(sys.intern, names)) if qualname == of_name(of) else None

    def _learn(self, of: type, samples: list[Any], wanted: frozenset[int]) -> list[str]:
        names = self._known(of) or []
        for name in instances.slot_names(of) + [name for sample in samples for name in self._names(of, sample, wanted)]:
            if name not in names and " " not in name and self._is_interesting(of, samples, name, wanted):
                names.append(name)
        if len(_profiles) < MOST_PROFILES or id(of) in _profiles:
            _profiles[id(of)] = " ".join([of_name(of), *names])
        return names

    def _names(self, of: type, thing: Any, wanted: frozenset[int]) -> Iterator[str]:
        """Yield the names of an instance's attributes; those of a wanted kind suffice.

        Making the ``__dict__`` of an object that has none yet would make its attributes slower to find from then on.
        """
        sought = set(map(id, self._kinds.select(gc.get_referents(thing), wanted)))
        if instances.keeps_values_inline(of):
            for name in storednames.plain_names(of, kinds.mro_of(of)):
                if not sought:
                    return
                held = id(instances.read_plainly(thing, name))
                if held in sought:
                    sought.discard(held)
                    yield name
        if sought:
            yield from dict_names(thing)[:MOST_NAMED]

    def _is_interesting(self, of: type, samples: list[Any], name: str, wanted: frozenset[int]) -> bool:
        return any(self._kinds.of(type(value)) in wanted for value in read_all(of, samples, name))

    def _missed(
        self, of: type, group: list[Any], wanted: frozenset[int], found: set[int]
    ) -> Iterator[tuple[str, list[Any]]]:
        """Yield what a sample of the referents shows beyond the attributes known: learnt now, or without a name."""
        sample = group if len(group) <= 2 * SAMPLE else group[:SAMPLE] + group[-SAMPLE:]
        if all(id(held) in found for held in self._kinds.select(gc.get_referents(*sample), wanted)):
            return
        owner = next((thing for thing in sample if self._holds_more(thing, wanted, found)), None)
        if owner is None:
            return
        if not has_names(of):
            name = _UNNAMED_PARTS.get(kinds.name_of_type(of), UNNAMED)
            yield name, self._kinds.select(gc.get_referents(*group), wanted)
            return
        before = set(self._known(of) or ())
        for name in self._learn(of, [owner], wanted):
            if name not in before:
                yield name, self._kinds.select(read_all(of, group, name), wanted)

    def _holds_more(self, thing: Any, wanted: frozenset[int], found: set[int]) -> bool:
        return any(
            type(held) is not tuple  # many types keep one for themselves, and it cannot grow
            and id(held) not in found
            and not (is_attribute_dict(thing, held) and self._is_known(held, wanted, found))
            for held in self._kinds.select(gc.get_referents(thing), wanted)
        )

    def _is_known(self, namespace: dict[str, Any], wanted: frozenset[int], found: set[int]) -> bool:
        """Tell whether a ``__dict__`` holds nothing beyond the attributes known: one may have been put there since."""
        values = self._kinds.select(list(dict.values(namespace)), wanted)
        return all(id(value) in found or type(value) is tuple for value in values)


def hidden_parts(of: type, group: list[Any]) -> Optional[dict[str, list[Any]]]:
    """Return the parts of instances that no attribute shows to another thread, by name; None for all other types.

    A `threading.local` shows each thread its own attributes only, and a `functools.partial` has no ``__slots__``.
    """
    if kinds.has_base(of, functools.partial):
        return {"args": list(map(_partial_args, group)), "keywords": list(map(_partial_keywords, group))}
    if not kinds.has_base(of, unpatched.thread_local):
        return None
    parts: dict[str, list[Any]] = {}
    for namespace in local_namespaces(group):
        for name, value in list(namespace.items()):
            if type(name) is str:
                parts.setdefault(f"<thread>.{name}", []).append(value)
    return parts


def local_namespaces(group: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the attributes of thread locals, thread by thread; up to Python 3.12 they are among its referents."""
    for held in gc.get_referents(*group):
        if type(held) is dict:
            yield from (each for each in list(held.values()) if type(each) is dict)


def is_attribute_dict(thing: Any, held: Any) -> bool:
    """Tell whether a referent of an instance is its ``__dict__``, without making one where there is none yet.

    Before CPython 3.11 every instance has one. Later ones are known by a first key that reads as an attribute.
    """
    if type(held) is not dict:
        return False
    if sys.version_info < (3, 11):
        return instances.instance_dict(thing) is held
    try:
        name, value = next(iter(dict.items(held)), ("", None))
        return type(name) is str and (not name or instances.attribute(thing, name) is value)
    except (AttributeError, RuntimeError):
        return False


def crowded_namespace(thing: Any) -> Optional[dict[str, Any]]:
    """Return the ``__dict__`` of an instance or class that has more than `MOST_NAMED` attributes, None for others.

    So many are never kept in the instance itself, so that none is made by asking.
    """
    if kinds.is_of(thing, type):
        held = gc.get_referents(kinds.class_dict(thing)) if len(kinds.class_dict(thing)) > MOST_NAMED else []
        return next((each for each in held if type(each) is dict), None)
    dicts = [each for each in gc.get_referents(thing) if type(each) is dict and dict.__len__(each) > MOST_NAMED]
    return next((each for each in dicts if is_attribute_dict(thing, each)), None)


def of_name(of: type) -> str:
    """Return a type's qualified name in a form without blanks."""
    return kinds.name_of_type(of).replace(" ", "_")


def dict_names(thing: Any) -> list[str]:
    """Return the names in an instance's ``__dict__``."""
    namespace = instances.instance_dict(thing)
    return [name for name in list(namespace) if type(name) is str] if namespace else []


def has_names(of: type) -> bool:
    """Tell whether instances of a type have attributes with names at all, a ``__dict__`` or slots."""
    if instances.slot_names(of):
        return True
    return any("__dict__" in dict(kinds.class_items(base)) for base in kinds.mro_of(of))


def read_all(of: type, group: list[Any], name: str) -> list[Any]:
    """Return the values of one attribute, of those instances that have it."""
    if instances.is_plainly_readable(of, name):
        try:
            return list(map(instances.read_attribute, group, repeat(name)))
        except (AttributeError, TypeError):
            pass
    values = []
    for thing in group:
        try:
            values.append(instances.attribute(thing, name))
        except AttributeError:
            continue
    return values


def add_own_blocks(sizes: dict[int, int]) -> None:
    """Add to the blocks by size those that the profiles take: a key and a text each."""
    pymalloc.add_blocks(sizes, _profiles)
    pymalloc.add_blocks(sizes, _profiles.values())

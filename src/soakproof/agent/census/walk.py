"""Walks from named places to containers, in groups: whatever has one owner path is read, counted and followed as one.

A path is what a person would say: ``app:manager.rooms``, and ``app:ROOMS[*].members`` for all the members lists of all
the rooms together. Each container belongs to the first path that reaches it, so the order of the roots is the order of
preference (`roots`), and what is nearer to a root comes before what is farther.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, compress
from operator import not_
from typing import Any, NamedTuple, Optional

from ..objects import buffers, instances, kinds, lrucaches, unreadable
from ..objects.attributes import MOST_NAMED, Reader, crowded_namespace
from ..objects.kinds import BUFFER, BUFFERS, CACHE, CONTAINERS, DEQUE, INSTANCE, LIST, MAPPING, SET, TEXT, TUPLE
from ..origin import classification, modulenames

MOST_STEPS = 4  # farther from a module than this, an instance is better known by its class
MOST_NESTING = 6
HOLDERS = CONTAINERS | {TUPLE, CACHE}
FOLLOWED = HOLDERS | {INSTANCE}
GROWING = frozenset((BUFFER,))  # a library's texts are many, and mostly constants
MOST_ALIKE = 8  # of more instances at one place none is an application's one and only
ATTRIBUTES = "<attributes>"
MOST_UNTRACKED = 5000  # dicts of atoms that are looked into for texts
ALWAYS_TRACKED = frozenset((LIST, SET, DEQUE))  # a dict or tuple that the collector does not track holds atoms alone

_ITERATORS: dict[int, Any] = {
    MAPPING: dict.values,
    LIST: list.__iter__,
    SET: set.__iter__,
    DEQUE: deque.__iter__,
}


class Place(NamedTuple):
    """Where a path stands: whose it is, of which module, how many steps from its root, and what it may still enter."""

    origin: str
    module: str
    steps: int = 1
    enters_own: bool = False
    enters_foreign: bool = False

    @property
    def followed(self) -> frozenset[int]:
        """The kinds that lead on from here, or are measured."""
        followed = FOLLOWED if self.enters_own or self.enters_foreign else HOLDERS
        return followed | (BUFFERS if is_own(self) else GROWING)


def is_own(place: Place) -> bool:
    """Tell whether a path is the application's own."""
    return place.origin == classification.APPLICATION


class Found:
    """The containers of one owner path: entries and number in all, and one of them to describe."""

    __slots__ = ("containers", "count", "place", "sample", "size")

    def __init__(self, place: Place, sample: Any, *, is_wanted: bool) -> None:
        self.size = 0
        self.count = 0
        self.place = place
        self.sample = sample
        self.containers: Optional[list[Any]] = [] if is_wanted else None


class Buffers:
    """The buffers of one owner path: bytes in all, and one of them to describe."""

    __slots__ = ("place", "sample", "size", "things")

    def __init__(self, place: Place, sample: Any, *, is_wanted: bool) -> None:
        self.size = 0
        self.place = place
        self.sample = sample
        self.things: Optional[list[Any]] = [] if is_wanted else None


class Walk:
    """One walk over the target's objects; drops everything it knows when it is dropped.

    ``wanted``: owner paths of which the containers themselves are asked for, in ``found[path].containers``; None: all.
    """

    def __init__(self, wanted: Optional[Iterable[str]] = ()) -> None:
        self.kinds = kinds.Kinds()
        self.reader = Reader(self.kinds)
        self.seen: set[int] = set()
        self.found: dict[str, Found] = {}
        self.buffers: dict[str, Buffers] = {}
        self._wanted = None if wanted is None else frozenset(wanted)
        self._weak: set[int] = set()
        self._queue: deque[tuple[str, dict[int, list[Any]], Place]] = deque()

    def add(self, path: str, things: list[Any], place: Place) -> Collection[int]:
        """Put what stands at a path, and is followed from there, in the queue; return the ``id`` of all its types."""
        groups, types = self.kinds.split(things, place.followed)
        if groups:
            self._queue.append((path, groups, place))
        return types

    def run(self) -> None:
        """Follow the queue until it is empty, nearest first."""
        queue = self._queue
        while queue:
            path, groups, place = queue.popleft()
            for kind, things in groups.items():
                unreadable.attempt(type(things[0]), self._follow, path, things, kind, place)

    def _follow(self, path: str, things: list[Any], kind: int, place: Place) -> None:
        if kind == INSTANCE:
            self._enter(path, self._take_unseen(pick_enterable(things, place)), place)
        elif kind in BUFFERS:
            self._measure(path, things if kind == TEXT else self._take_unseen(things), place)
        elif kind == CACHE:
            self._count_cache(path, self._take_unseen(things), place)
        else:
            self._open(path, self._take_unseen(things), kind, place)

    def _take_unseen(self, things: list[Any]) -> list[Any]:
        """Return the things not seen before, each once, and have seen them; a loop of C alone, like the callers'."""
        seen, ids = self.seen, list(map(id, things))
        if not seen.isdisjoint(ids):
            things = list(compress(things, map(not_, map(seen.__contains__, ids))))
            ids = list(map(id, things))
        before = len(seen)
        seen.update(ids)
        if len(seen) < before + len(ids):
            return list(dict(zip(ids, things)).values())  # noqa: B905 -- strict is of Python 3.10
        return things

    def _open(self, path: str, group: list[Any], kind: int, place: Place) -> None:
        """Count containers, and queue what they hold; of tuples only such as are copied to grow have a size that can.

        What the collector does not track holds atoms alone: of the application they are looked into for texts.
        """
        counted = [] if kind == TUPLE and not may_be_copied(path, group, place) else group
        if self._weak and not self._weak.isdisjoint(map(id, counted)):
            counted = [thing for thing in group if id(thing) not in self._weak]
        is_followed = path.count("[*]") < MOST_NESTING
        tracked = group if kind in ALWAYS_TRACKED else list(filter(gc.is_tracked, group))
        looked_into = group if kind == MAPPING and len(group) <= MOST_UNTRACKED and is_own(place) else tracked
        held = entries_of(looked_into, kind) if is_followed else []
        if counted:
            is_all_held = is_followed and counted is group and len(looked_into) == len(group)
            entries = len(held) if is_all_held else sum(map(kinds.LENGTHS[kind], counted))
            self._find(path, counted, place).size += entries
        types = self.add(path + "[*]", held, deeper(place))
        if counted and not kinds.REFERENCES.isdisjoint(types):
            self.found[path].size -= sum(kinds.count_watching(thing, kind) for thing in counted)

    def _find(self, path: str, group: list[Any], place: Place) -> Found:
        found = self.found.get(path)
        if found is None:
            found = self.found[path] = Found(place, group[0], is_wanted=self._is_wanted(path))
        found.count += len(group)
        if found.containers is not None:
            found.containers.extend(group)
        return found

    def _is_wanted(self, path: str) -> bool:
        return self._wanted is None or path in self._wanted

    def _measure(self, path: str, group: list[Any], place: Place) -> None:
        """Add up the bytes of buffers."""
        if not group:
            return
        found = self.buffers.get(path)
        if found is None:
            found = self.buffers[path] = Buffers(place, group[0], is_wanted=self._is_wanted(path))
        found.size += buffers.total_bytes(group, self.kinds.buffer_sizes)
        if found.things is not None:
            found.things.extend(group)

    def _count_cache(self, path: str, group: list[Any], place: Place) -> None:
        """Count the entries of ``functools.lru_cache``; its inner dict and links are not containers of their own."""
        for cache in group:
            module, qualname = cached_function(cache)
            if module:
                module = modulenames.tell(module)
                path, place = f"{module}:{qualname}", Place(classification.origin_of_module(module), module)
            self._find(f"{path}.cache", [cache], place).size += lrucaches.size_of(cache)
            self.seen.update(map(id, gc.get_referents(cache)))

    def _enter(self, path: str, group: list[Any], place: Place) -> None:
        """Queue the attributes of instances, type by type."""
        by_type: dict[int, list[Any]] = {}
        for thing in group:
            by_type.setdefault(id(type(thing)), []).append(thing)
        for same in by_type.values():
            of = type(same[0])
            is_own = classification.origin_of_module(kinds.module_of_type(of)) == classification.APPLICATION
            inner = place._replace(
                steps=place.steps + 1,
                enters_own=place.enters_own and is_own,
                enters_foreign=place.enters_foreign and is_own,
            )
            self.enter_attributes(path, of, same, inner)

    def enter_attributes(self, path: str, of: type, group: list[Any], place: Place) -> None:
        """Queue the attributes of instances of one type that hold containers, or instances that may be entered."""
        for thing in group if len(group) <= MOST_ALIKE else ():
            unreadable.attempt(of, self.count_attributes, path, thing, place)
        is_weak = kinds.is_weak(of)
        parts = unreadable.attempt(of, self._read, of, group, place)
        for name, values in self._one_by_one(of, group, place) if parts is None else parts:
            if is_weak:  # what is in there is kept alive by somebody else; so it is followed, and not counted
                self._weak.update(map(id, values))
            self.add(f"{path}.{name}", values, place)

    def count_attributes(self, path: str, thing: Any, place: Place) -> None:
        """Count the attributes of an instance or class beyond those that are told by name, and queue what they hold."""
        namespace = crowded_namespace(thing)
        if namespace is None:
            return
        path = f"{path}.{ATTRIBUTES}"
        self._find(path, [namespace], place).size += dict.__len__(namespace) - MOST_NAMED
        self.add(path + "[*]", list(dict.values(namespace))[MOST_NAMED:], deeper(place))

    def _one_by_one(self, of: type, group: list[Any], place: Place) -> Iterator[tuple[str, list[Any]]]:
        """Yield what can be read of each, where of all together it cannot: one odd object costs none but itself."""
        for thing in group if len(group) > 1 else ():
            yield from unreadable.attempt(of, self._read, of, [thing], place) or ()

    def _read(self, of: type, group: list[Any], place: Place) -> list[tuple[str, list[Any]]]:
        return list(self.reader.attributes(of, group, place.followed))


def entries_of(group: list[Any], kind: int) -> list[Any]:
    """Return what containers, tuples or frozen sets of one kind hold, all together; of mappings the values."""
    if kind == TUPLE:
        return list(chain.from_iterable(kinds.entries_of(thing, TUPLE) for thing in group))
    if kind == LIST:
        return entries_of_lists(group)
    return list(chain.from_iterable(map(_ITERATORS[kind], group)))  # in one go, which no thread interrupts


def entries_of_lists(group: list[Any]) -> list[Any]:
    """Return what lists hold; those of C, some of whose places may be empty, by what the collector is shown of them.

    An `xml.etree.ElementTree.TreeBuilder` keeps one of twenty empty places: going through it is a crash.
    """
    is_plain = [type(each) is list for each in group]
    plain = group if all(is_plain) else list(compress(group, is_plain))
    derived = [] if plain is group else list(compress(group, map(not_, is_plain)))
    held = gc.get_referents(*plain[::-1])[::-1]  # each is shown from its end
    return held + list(chain.from_iterable(map(list.__iter__, derived)))


def may_be_copied(path: str, group: list[Any], place: Place) -> bool:
    """Tell whether a tuple or frozen set stands under a name of the application's: it may be another, larger one soon.

    Those in containers, frames and closures, and those of many instances, are parts of what is counted there.
    """
    return len(group) == 1 and is_own(place) and "[" not in path and "<" not in path


def deeper(place: Place) -> Place:
    """Return the place one step farther."""
    origin, module, steps, enters_own, enters_foreign = place
    return Place(origin, module, steps + 1, enters_own, enters_foreign)


def pick_enterable(things: list[Any], place: Place) -> list[Any]:
    """Return the instances that may be entered from a place, asked once a type."""
    ids = list(map(id, map(type, things)))
    types = dict(zip(ids, map(type, things)))  # noqa: B905 -- strict is of Python 3.10
    enterable = {key for key, of in types.items() if may_enter(of, place)}
    return list(compress(things, map(enterable.__contains__, ids)))


def may_enter(of: type, place: Place) -> bool:
    """Tell whether an instance of a type is to be known by the path that led to it, rather than by its class.

    The application's own are within `MOST_STEPS` of a module. A library's are when the application holds them itself:
    ``app:CACHE._data`` says more than the class of the cache.
    """
    module = kinds.module_of_type(of)
    if classification.is_own(module):
        return False
    if classification.origin_of_module(module) == classification.APPLICATION:
        return place.enters_own and place.steps < MOST_STEPS
    return place.enters_foreign and place.steps < MOST_STEPS


def cached_function(cache: Any) -> tuple[str, str]:
    """Return module and qualified name of the function behind an ``lru_cache``, empty where it does not say."""
    namespace = instances.instance_dict(cache) or {}
    module, qualname = namespace.get("__module__"), namespace.get("__qualname__")
    return (module, qualname) if type(module) is str and type(qualname) is str else ("", "")

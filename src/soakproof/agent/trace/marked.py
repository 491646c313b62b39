"""What lived at the mark: which objects, by their addresses, and how many entries the containers had."""

from __future__ import annotations

import gc
import types
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, Optional

from ..objects import kinds, tracked

MOST_IN_SET = 1_000_000  # 60 MiB for the time of an explanation
LEAST_COPIED = 16  # entries of a tuple that may be copied as it grows
_SHARED = (int, bool, type(None))  # types of entries that many tuples have


class Marked:
    """The objects of one moment; without `note`, nothing lived then."""

    def __init__(self) -> None:
        self._known = array("Q")
        self._known_set: Optional[frozenset[int]] = None
        self._sizes: dict[int, int] = {}
        self._copied: dict[int, int] = {}

    def note(self) -> None:
        """Remember what lives now."""
        self._known = array("Q", tracked.ids())
        objects = tracked.objects()
        # Of what is not tracked only dicts are containers: looked for without the id of their type, since every
        # number that is made while allocations are traced costs microseconds.
        # Modules are not asked: `_asyncio` of Python 3.12 shows its free list, whose dead objects must not be touched.
        referents = gc.get_referents(*[thing for thing in objects if type(thing) is not types.ModuleType])
        untracked = [thing for thing in referents if type(thing) is dict]
        table = kinds.Kinds()
        containers = table.select(chain(objects, untracked), kinds.CONTAINERS | {kinds.CACHE})
        sizes = zip(containers, map(table.count_entries, containers))  # noqa: B905 -- strict is of Python 3.10
        self._sizes = {id(each): size for each, size in sizes if size}
        self._copied = sizes_by_entry([each for each in referents if type(each) is tuple or type(each) is frozenset])

    def size_of(self, container: Any) -> int:
        """Return how many entries a container had, 0 if it came later.

        A tuple or frozen set that has grown is another one: the old is known by an entry of it, if it was large.
        """
        if kinds.kind_of_type(type(container)) != kinds.TUPLE:
            return self._sizes.get(id(container), 0)
        known = self._copied.keys() & set(map(id, kinds.entries_of(container, kinds.TUPLE)))
        return max((self._copied[key] for key in known), default=0)

    @contextmanager
    def looking_up(self) -> Iterator[None]:
        """Have `is_new` asked often: by a set, where that is not too large, since a search makes a number at each step.

        A number that is made while allocations are traced costs microseconds.
        """
        self._known_set = frozenset(self._known) if len(self._known) <= MOST_IN_SET else None
        try:
            yield
        finally:
            self._known_set = None

    def is_new(self, thing: Any) -> bool:
        """Tell whether an object came later, as far as its address tells; where nothing was noted, everything did.

        A dict of atoms may not have been tracked then, and be so now; its size was noted.
        """
        if id(thing) in self._sizes:
            return False
        if self._known_set is not None:
            return id(thing) not in self._known_set
        at = bisect_left(self._known, id(thing))
        return at >= len(self._known) or self._known[at] != id(thing)


def sizes_by_entry(fixed: list[Any]) -> dict[int, int]:
    """Return ``{id of one of its entries: size}`` of large tuples and frozen sets, whose copies have that entry too."""
    large = [thing for thing in fixed if len(thing) >= LEAST_COPIED]
    firsts = [next(iter(thing)) for thing in large]
    return {id(first): len(each) for first, each in zip(firsts, large) if type(first) not in _SHARED}  # noqa: B905 -- strict is of Python 3.10

"""The types' cache of attribute look-ups before Python 3.11, filled with the agent's own names.

CPython keeps the last look-up of each of 4,096 places alive, the name with it. A place is told by the version of the
type and by the name, by its hash up to 3.9 and its address in 3.10 (``MCACHE_HASH_METHOD``, Objects/typeobject.c).
Emptying the cache there would start the versions over, which the interpreter's other caches rely on. So every place is
looked up anew instead: names that differ in the upper half of a place's number, on a type whose version goes through
all values of the lower half.
"""

from __future__ import annotations

import sys
from collections import deque
from itertools import repeat
from typing import Any, Callable

HALF = 64  # places are numbered by 12 bits: 64 values of the upper six, 64 of the lower six
MOST_TRIED = 100_000

Place = Callable[[str], int]


def place_of_name(name: str) -> int:
    """Return what a name adds to the number of its place."""
    return hash(name) if sys.version_info < (3, 10) else id(name) >> 3


class Lookups:
    """Takes every place of the cache with names of its own."""

    def __init__(self, place: Place = place_of_name) -> None:
        self._names = choose_names(place)
        self._looked_up: Any = type("LookedUp", (), dict.fromkeys(self._names))

    def overwrite(self) -> None:
        """Look every place up, in under a millisecond; what was kept there is let go of.

        The version goes up by one at each change of the type. Of twice as many as there are values, 64 in a row begin
        at a multiple of 64, wherever the first was: only such go through all places.
        """
        for turn in range(2 * HALF):
            self._looked_up.turn = turn
            deque(map(getattr, repeat(self._looked_up), self._names), maxlen=0)


def choose_names(place: Place) -> list[str]:
    """Return a name for each value of the upper half of a place's number."""
    chosen: dict[int, str] = {}
    tried: list[str] = []  # kept meanwhile, so that the next one lies elsewhere
    while len(chosen) < HALF and len(tried) < MOST_TRIED:
        tried.append(f"soakproof_{len(tried):05}")
        chosen.setdefault(place(tried[-1]) >> 6 & HALF - 1, tried[-1])
    return list(chosen.values())

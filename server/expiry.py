"""An index of keys by time: finds what is due without looking at what is not."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", bound="str | tuple[str, str]")

# Forgotten keys may stay in the heap up to this many, or the number of live ones; then it is rebuilt.
_SLACK = 64


class ExpiryIndex(Generic[Key]):
    """Keys with a time each, oldest first.

    A heap with lazy deletion. A key that is moved to a later time keeps its place in the heap until that comes up, so
    refreshing costs a dictionary's write. The heap holds at most twice the live keys and 64 more.
    """

    def __init__(self) -> None:
        self._times: dict[Key, tuple[float, float]] = {}  # key: its time, and the time of its place in the heap
        self._heap: list[tuple[float, Key]] = []

    def __len__(self) -> int:
        return len(self._times)

    def __contains__(self, key: object) -> bool:
        return key in self._times

    def set(self, key: Key, at_s: float) -> None:
        """Put a key at a time, or move it there."""
        known = self._times.get(key)
        if known is not None and known[1] <= at_s:
            self._times[key] = (at_s, known[1])
            return
        self._times[key] = (at_s, at_s)
        heapq.heappush(self._heap, (at_s, key))
        self._compact()

    def discard(self, key: Key) -> None:
        """Forget a key, known or not."""
        if self._times.pop(key, None) is not None:
            self._compact()

    def pop_due(self, until_s: float, limit: int) -> Iterator[Key]:
        """Yield and forget the keys whose time is ``until_s`` or before, oldest first, at most ``limit``."""
        for _ in range(limit):
            key = self._pop(until_s)
            if key is None:
                return
            yield key

    def pop_oldest(self) -> Key | None:
        """Return and forget the oldest key, or None."""
        return self._pop(float("inf"))

    def _pop(self, until_s: float) -> Key | None:
        heap = self._heap
        while heap and heap[0][0] <= until_s:
            place_s, key = heapq.heappop(heap)
            times = self._times.get(key)
            if times is None or times[1] != place_s:
                continue  # forgotten, or moved to an earlier place since
            if times[0] > until_s or times[0] > place_s:
                self._times[key] = (times[0], times[0])
                heapq.heappush(heap, (times[0], key))
                continue
            self.discard(key)
            return key
        return None

    def _compact(self) -> None:
        if not self._times:
            self._heap.clear()
        elif len(self._heap) > 2 * len(self._times) + _SLACK:
            self._heap = [(times[1], key) for key, times in self._times.items()]
            heapq.heapify(self._heap)

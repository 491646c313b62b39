"""What is measured of the whole process while lines are followed: what C has in use, and what is mapped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Optional

from ..origin.sourcelines import Line
from ..process import belongings, libc, memory

HEAP = "heap:in_use_bytes"  # followed like an owner path, and so are mappings by their metric
ELSEWHERE = "heap:elsewhere_bytes"  # mapped by C code for itself: at a line, pages that it touches first
MAPPINGS = ("map:file", "map:file_bytes", "map:shared", "map:shared_bytes")


class ProcessProbe:
    """Measures a number of the process: a line counts with what it took, less what it gave back."""

    def __init__(self, owner: str, read: Callable[[], float]) -> None:
        self.owner = owner
        self.lines: Counter[Line] = Counter()
        self.events: Counter[str] = Counter()
        self._read = read
        self._size = read()

    def measure(self) -> int:
        """Return by how much it has grown since the last time, or less than nothing."""
        before, self._size = self._size, self._read()
        return int(self._size - before)


class Mapped:
    """Reads what is mapped; the list of mappings, which is long, only when the process' address space has changed."""

    def __init__(self, metric: str) -> None:
        self._metric = metric
        self._pages = -1
        self._found = 0.0

    def __call__(self) -> float:
        """Return how much there is."""
        pages = memory.virtual_pages()
        if pages != self._pages:
            self._pages, self._found = pages, belongings.count_mappings()[self._metric]
        return self._found


def process_probe(metric: str) -> Optional[ProcessProbe]:
    """Return what measures a metric of the process; None for an owner path."""
    if metric == HEAP:
        libc.load()
        return ProcessProbe(metric, lambda: libc.in_use_bytes() or 0.0)
    if metric == ELSEWHERE:
        return ProcessProbe(metric, lambda: float(memory.resident_bytes()))
    return ProcessProbe(metric, Mapped(metric)) if metric in MAPPINGS else None

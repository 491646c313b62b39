"""A day of samples in memory that is all taken at the start: watching must not look like growth."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence

DAY_OF_MINUTES = 1_440
GAP = math.nan


class History:
    """A ring of samples, one column of numbers per reading. A reading that failed is a gap (NaN), never a zero."""

    def __init__(self, columns: Sequence[str], size: int = DAY_OF_MINUTES) -> None:
        self.size = size
        self.taken = 0
        self._columns = {name: array("d", [GAP]) * size for name in columns}

    def append(self, sample: Mapping[str, float | None]) -> None:
        """Add a sample, the oldest giving way; columns it lacks get a gap."""
        place = self.taken % self.size
        for name, column in self._columns.items():
            value = sample.get(name)
            column[place] = GAP if value is None else value
        self.taken += 1

    def column(self, name: str, last: int | None = None) -> list[float | None]:
        """Return the last readings of a column, oldest first; a gap is None."""
        kept = min(self.taken, self.size)
        count = kept if last is None else min(last, kept)
        column = self._columns[name]
        values = (column[index % self.size] for index in range(self.taken - count, self.taken))
        return [None if math.isnan(value) else value for value in values]

    def to_wire(self, last: int | None = None) -> dict[str, list[float | None]]:
        """Return all columns."""
        return {name: self.column(name, last) for name in self._columns}

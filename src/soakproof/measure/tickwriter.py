"""Writes the readings of ticks such that a day of them stays tens of megabytes: beyond that, several are one.

They are merged as a reader of days merges them (`soakproof.thinning`): no peak is lost. Rest points stay as they are.
"""

from __future__ import annotations

from soakproof.measure.journal import Journal
from soakproof.samples import Sample
from soakproof.thinning import is_mergeable, merge

FREE_BYTES = 10_000_000  # an hour of a usual run: nothing of it is merged
BYTES_PER_S = 300  # 26 MB a day


class TickWriter:
    """Writes ticks into a journal, at once as long as there is room for them, else merged with those that follow."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._pending: dict[tuple[int, str, int | None], Sample] = {}
        self._written_bytes = 0

    def write(self, samples: list[Sample], *, is_due: bool) -> None:
        """Write the samples of one tick, or keep them until there is room; those that are due find some."""
        for sample in samples:
            key = (sample.pid, sample.phase, sample.wave)
            kept = self._pending.get(key)
            if self._pending and kept is None and all(other[1:] != key[1:] for other in self._pending):
                self.flush()  # of another wave, or another phase
            self._pending[key] = merge([kept, sample]) if kept else sample
        if is_due or any(self._has_room(sample) for sample in samples):
            self.flush()

    def flush(self) -> None:
        """Write what was kept."""
        pending, self._pending = self._pending, {}
        for sample in pending.values():
            self._written_bytes += self._journal.write(sample)

    def _has_room(self, sample: Sample) -> bool:
        return not is_mergeable(sample) or self._written_bytes <= FREE_BYTES + BYTES_PER_S * sample.t_s

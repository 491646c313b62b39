"""What the server's memory came to while clients strained it: that of those who do not read what it has for them, say.

Rest points see nothing of it, since such clients are gone by then. It is told and decides nothing: how much is too much
depends on the machine, and what stays for good is found as any leak is.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from soakproof.judge.verdict import Strain
from soakproof.samples import Run, Sample, Wave
from soakproof.totals import add_standing

RSS = "process:rss"
STEADY_SHARE = 0.1  # of all growth: less than this in the later half, and it had levelled off
LEAST_BYTES = 1024.0 * 1024.0  # allocators take memory in pieces of such a size


def find_strain(run: Run) -> Strain | None:
    """Return the worst of all judged waves; None where no client strained the server."""
    return max(_measure_all(run), key=lambda strain: strain.bytes_more, default=None)


def _measure_all(run: Run) -> Iterator[Strain]:
    ticks: dict[int | None, list[Sample]] = {}
    for sample in run.samples:
        if sample.kind == "tick" and sample.phase not in {"warmup", "trace"} and RSS in sample.metrics:
            ticks.setdefault(sample.wave, []).append(sample)
    for wave in run.waves:
        if any(sample.straining for sample in ticks.get(wave.index, [])):
            yield _measure(wave, ticks[wave.index])


def _measure(wave: Wave, ticks: list[Sample]) -> Strain:
    """Compare the most that the processes had meanwhile with what they had just before, all clients connected."""
    times, rss = add_standing(ticks, RSS)
    meanwhile = np.flatnonzero([sample.straining for sample in ticks])
    whole = len({sample.pid for sample in ticks}) - 1  # from there on each process has been read
    before = rss[max(meanwhile[0] - 1, whole)]
    more = max(rss[meanwhile].max() - before, 0.0)
    early = meanwhile[times[meanwhile] <= times[meanwhile[[0, -1]]].mean()]
    later = rss[meanwhile].max() - rss[early].max()
    return Strain(
        wave=wave.index,
        clients=max(sample.straining for sample in ticks),
        seconds=round(float(times[meanwhile[-1]] - times[meanwhile[0]]), 3),
        bytes_before=float(before),
        bytes_more=float(more),
        is_rising=bool(later > max(STEADY_SHARE * more, LEAST_BYTES)),
    )

"""Whether the load generator, and not the target, was what limited the load: by its own meter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from soakproof.samples import Wave

BUSY_SHARE = 0.9
LATE_S = 0.5
SHORT_S = 1.0


def cpu_share(wave: Wave) -> float:
    """Return the share of a core that each of the generator's processes used; 0 of a wave too short to say."""
    seconds = wave.t_end_s - wave.t_start_s
    return wave.cpu_s / wave.generator_processes / seconds if seconds >= SHORT_S else 0.0


def find_limits(waves: Sequence[Wave]) -> Iterator[str]:
    """Yield in which way the generator was the limit, and what to do about it."""
    busy = [wave for wave in waves if cpu_share(wave) > BUSY_SHARE]
    if busy:
        share = max(map(cpu_share, busy))
        yield (
            f"the load generator used {share:.0%} of a core in {len(busy)} of {len(waves)} waves: it was the limit, "
            f"not the target, and latencies are its own too. Add --workers {2 * busy[0].generator_processes}"
        )
    late = [wave for wave in waves if wave.late_s > LATE_S]
    if late:
        worst_s = max(wave.late_s for wave in late)
        yield (
            f"the load generator started clients up to {worst_s:.1f} s late (99th percentile) in {len(late)} of "
            f"{len(waves)} waves: it, or the machine, was too busy. Lower --open-rate or --rate, or add --workers 2"
        )

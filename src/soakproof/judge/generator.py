"""Whether the load generator, and not the target, was what limited the load: by its own meter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from soakproof.samples import Wave
from soakproof.warningcodes import RunWarning, WarningCode, warn

BUSY_SHARE = 0.9
LATE_S = 0.5
SHORT_S = 1.0


def cpu_share(wave: Wave) -> float:
    """Return the share of a core that each of the generator's processes used; 0 of a wave too short to say."""
    seconds = wave.t_end_s - wave.t_start_s
    return wave.cpu_s / wave.generator_processes / seconds if seconds >= SHORT_S else 0.0


def find_limits(waves: Sequence[Wave]) -> Iterator[RunWarning]:
    """Yield in which way the generator was the limit."""
    busy = [wave for wave in waves if cpu_share(wave) > BUSY_SHARE]
    if busy:
        share, workers = max(map(cpu_share, busy)), 2 * busy[0].generator_processes
        yield warn(WarningCode.GENERATOR_BUSY, share=share, waves=len(busy), of=len(waves), workers=workers)
    late = [wave for wave in waves if wave.late_s > LATE_S]
    if late:
        late_s = max(wave.late_s for wave in late)
        yield warn(WarningCode.GENERATOR_LATE, late_s=late_s, waves=len(late), of=len(waves))

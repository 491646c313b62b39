"""The rest points of a run: where it was read while nothing moved, and which of those readings mean what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from soakproof.samples import Phase, Run, Sample
from soakproof.totals import Array

MEASURED: tuple[Phase, ...] = ("wave", "held", "steady")


@dataclass(frozen=True)
class RestPoint:
    """The rest samples of all processes that share phase and wave."""

    phase: Phase
    wave: int | None
    t_s: float
    x: float
    is_settled: bool
    samples: dict[int, Sample]
    ahead_s: float = 0.0


class Drains(NamedTuple):
    """Where the readings of drains stand among the rest points that settled, none or one each.

    The ``last`` of all; an earlier look (``before``) at the same drain; and of a drain after which the same load came
    again, the last look (``once``).
    """

    last: list[int]
    before: list[int]
    once: list[int]


def rest_points(run: Run) -> list[RestPoint]:
    """Group the rest samples by phase and wave, in the order of the run; the second pass is not judged."""
    groups: dict[tuple[Phase, int | None, int], dict[int, Sample]] = {}
    for sample in run.samples:
        if sample.kind == "rest" and sample.phase != "trace":
            leaps = sum(leap.t_s <= sample.t_s for leap in run.leaps)
            groups.setdefault((sample.phase, sample.wave, leaps), {})[sample.pid] = sample
    return [_rest_point(phase, wave, samples, run) for (phase, wave, _), samples in groups.items()]


def _rest_point(phase: Phase, wave: int | None, samples: dict[int, Sample], run: Run) -> RestPoint:
    is_held = run.header.plan.is_held
    return RestPoint(
        phase=phase,
        wave=wave,
        t_s=max(sample.t_s for sample in samples.values()),
        x=float(max(sample.events if is_held else sample.connections for sample in samples.values())),
        is_settled=all(sample.is_settled for sample in samples.values()),
        samples=samples,
        ahead_s=max(sample.ahead_s for sample in samples.values()),
    )


def left_s(run: Run) -> float:
    """Return when the last connection of the load ended, in seconds since the run began.

    The few clients that come and go in the drain, to give the server occasion to clean up, are not its last.
    """
    return max((wave.t_end_s for wave in run.waves if wave.phase not in {"trace", "drain"}), default=0.0)


def left_by_target_s(run: Run) -> float:
    """Return the same by the target's own clock."""
    measured = [wave for wave in run.waves if wave.phase not in {"trace", "drain"}]
    return max((wave.t_end_s + wave.ahead_s for wave in measured), default=0.0)


def judged_pids(points: list[RestPoint]) -> list[int]:
    """Return the processes that take clients; at the baseline supervisors, not known as such yet, were read too."""
    loaded = [point for point in points if point.phase != "baseline"] or points
    return sorted({pid for point in loaded for pid in point.samples})


def fitted_places(points: list[RestPoint]) -> list[int]:
    """Return the places of what slopes are fitted to: the last warm-up wave that settled, then what is measured.

    Of points with no connection between them the latest stands; what did not settle is left out.
    """
    warm = [at for at, point in enumerate(points) if point.phase == "warmup" and point.is_settled]
    measured = [at for at, point in enumerate(points) if point.phase in MEASURED and point.is_settled]
    return list({points[at].x: at for at in warm[-1:] + measured}.values())


def find_drains(points: list[RestPoint], run: Run) -> Drains:
    """Return where the readings after the drain stand, and of an earlier one, if the load came again."""
    places = [at for at, point in enumerate(points) if point.phase == "drain" and point.is_settled]
    again_s = min((wave.t_start_s for wave in run.waves if wave.phase == "again"), default=math.inf)
    once = [at for at in places if points[at].t_s < again_s]
    final = places[len(once) :] or once
    return Drains(final[-1:], final[-2:-1], once[-1:] if final is not once else [])


def baseline_places(points: list[RestPoint]) -> list[int]:
    """Return where the readings before the load stand."""
    return [at for at, point in enumerate(points) if point.phase == "baseline"]


def find_crowds(points: list[RestPoint], fitted: list[int], run: Run) -> Array:
    """Return the most clients at once, of all orders up to each fitted point."""
    peaks = {wave.index: wave.peak_clients for wave in run.waves}
    crowds = np.array([peaks.get(point.wave or 0, 0) for point in points], dtype=float)
    return np.array([crowds[: at + 1].max() for at in fitted])

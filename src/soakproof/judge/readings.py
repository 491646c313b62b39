"""What is read of a metric beyond its rest points: the steady phase, the drain after it, and what came of late."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from soakproof.judge.emptying import Pulse
from soakproof.judge.restpoints import left_by_target_s
from soakproof.judge.series import Series
from soakproof.plans import Bound
from soakproof.samples import Phase, Run, Sample
from soakproof.totals import Array, add_standing


@dataclass(frozen=True)
class Readings:
    """What the ticks say of one metric.

    ``steady`` has its values in the steady phase, ``rate`` that phase's connections per second, None without one.
    Seconds are the target's own, by whose clock a rate is as many times lower as that runs fast.
    ``lingered_s`` is how long after the last connection the metric came back to where the drain left it. ``young`` is
    how many connections came within the declared time-to-live before the last reading.
    """

    steady: Array = field(default_factory=lambda: np.empty(0))
    rate: float | None = None
    lingered_s: float | None = None
    young: float | None = None
    pulses: list[Pulse] = field(default_factory=list)


class Ticker:
    """The samples of one run, sorted by phase once, and asked metric by metric; times are by the target's clock.

    The few clients that come and go in the drain, to give the server occasion to clean up, are not its last. Of two
    drains with a load between them the later is looked at.
    """

    def __init__(self, run: Run) -> None:
        measured = [wave for wave in run.waves if wave.phase not in {"trace", "drain"}]
        self.rate = next((wave.rate_achieved / speed_of(run) for wave in measured if wave.phase == "steady"), None)
        self.left_s = left_by_target_s(run)
        self.pulses = find_pulses(run)
        self.phases: dict[Phase, list[Sample]] = {"steady": [], "drain": []}
        for sample in run.samples:
            is_early = sample.phase == "drain" and sample.t_s + sample.ahead_s < self.left_s
            if sample.phase in self.phases and not is_early:
                self.phases[sample.phase].append(sample)
        judged = [sample for sample in run.samples if sample.phase != "trace"]
        self.times = np.array([sample.t_s + sample.ahead_s for sample in judged])
        self.opened = np.array([float(sample.connections) for sample in judged])

    def read(self, series: Series, bound: Bound | None) -> Readings:
        """Return the readings of one metric; the steady phase is read only where a time-to-live asks for it."""
        ttl_s = bound.ttl_s if bound else None
        return Readings(
            steady=np.empty(0) if ttl_s is None else self.trace(series.metric, "steady")[1],
            rate=self.rate,
            lingered_s=self.lingered_s(series),
            young=None if ttl_s is None else self.opened_within(ttl_s),
            pulses=self.pulses,
        )

    def trace(self, metric: str, phase: Phase) -> tuple[Array, Array]:
        """Return times in seconds and values of a metric in one phase, ticks included, summed over the processes."""
        return add_standing(self.phases[phase], metric, by_target=True)

    def lingered_s(self, series: Series) -> float | None:
        """Return the seconds from the last connection until the metric was down for good; None if it never rose."""
        if series.drained is None or not len(series.y) or series.y[-1] <= series.drained:
            return None
        times, values = self.trace(series.metric, "drain")
        above = np.flatnonzero(values > series.drained)
        back = above[-1] + 1 if len(above) else 0
        return float(times[back]) - self.left_s if back < len(times) else None

    def opened_within(self, seconds: float) -> float:
        """Return how many connections came in the last seconds before the last reading."""
        before = np.searchsorted(self.times, self.times[-1] - seconds, side="right") - 1
        return float(self.opened[-1] - (self.opened[before] if before >= 0 else 0.0))


def speed_of(run: Run) -> float:
    """Return how many times as fast the target's clock ran all through the run."""
    return float((run.header.options or {}).get("clock_speed", 1.0))


def find_pulses(run: Run) -> list[Pulse]:
    """Return who came in a drain in which the clock leapt."""
    left = left_by_target_s(run)
    drained = [wave for wave in run.waves if wave.phase == "drain"] if run.leaps else []
    came = [Pulse(wave.t_end_s + wave.ahead_s - left, wave.opened) for wave in drained]
    return [pulse for pulse in came if pulse.at_s > 0]

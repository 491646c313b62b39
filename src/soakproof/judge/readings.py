"""What is read of a metric beyond its rest points: the steady phase, the drain after it, and what came of late."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from soakproof.judge.series import Series
from soakproof.samples import Bound, Phase, Run, Sample
from soakproof.totals import Array, add_standing


@dataclass(frozen=True)
class Readings:
    """What the ticks say of one metric.

    ``steady`` has its values in the steady phase, ``rate`` that phase's connections per second, None without one.
    ``lingered_s`` is how long after the last connection the metric came back to where the drain left it. ``young`` is
    how many connections came within the declared time-to-live before the last reading.
    """

    steady: Array = field(default_factory=lambda: np.empty(0))
    rate: float | None = None
    lingered_s: float | None = None
    young: float | None = None


class Ticker:
    """The samples of one run, sorted by phase once, and asked metric by metric.

    The few clients that come and go in the drain, to give the server occasion to clean up, are not its last.
    """

    def __init__(self, run: Run) -> None:
        measured = [wave for wave in run.waves if wave.phase not in {"trace", "drain"}]
        self.rate = next((wave.rate_achieved for wave in measured if wave.phase == "steady"), None)
        self.left_s = max((wave.t_end_s for wave in measured), default=0.0)
        self.phases: dict[Phase, list[Sample]] = {"steady": [], "drain": []}
        for sample in run.samples:
            if sample.phase in self.phases:
                self.phases[sample.phase].append(sample)
        judged = [sample for sample in run.samples if sample.phase != "trace"]
        self.times = np.array([sample.t_s for sample in judged])
        self.opened = np.array([float(sample.connections) for sample in judged])

    def read(self, series: Series, bound: Bound | None) -> Readings:
        """Return the readings of one metric; the steady phase is read only where a time-to-live asks for it."""
        ttl_s = bound.ttl_s if bound else None
        return Readings(
            steady=np.empty(0) if ttl_s is None else self.trace(series.metric, "steady")[1],
            rate=self.rate,
            lingered_s=self.lingered_s(series),
            young=None if ttl_s is None else self.opened_within(ttl_s),
        )

    def trace(self, metric: str, phase: Phase) -> tuple[Array, Array]:
        """Return times in seconds and values of a metric in one phase, ticks included, summed over the processes."""
        return add_standing(self.phases[phase], metric)

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

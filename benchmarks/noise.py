"""How readings at rest wander on clean runs: measured on the data of the accuracy campaign, and drawn again.

The noise of a metric is described by its width and by its memory, the autocorrelation from one rest point to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.accuracy.records import Record
from soakproof.judge.slopes import theil_sen
from soakproof.totals import Array

FEWEST_POINTS = 20
MOST_MEMORY = 0.95


@dataclass(frozen=True)
class Noise:
    """Of one metric: standard deviation, lag-1 autocorrelation, drift per connection of each run, and rest points."""

    width: float
    memory: float
    drifts: tuple[float, ...]
    points: int

    def draw(self, rng: np.random.Generator, size: int) -> Array:
        """Return so many readings of noise alone: a stationary autoregression of order one."""
        noise = rng.normal(0, self.width, size)
        for at in range(1, size):
            noise[at] = self.memory * noise[at - 1] + (1 - self.memory**2) ** 0.5 * noise[at]
        return noise

    def say(self) -> str:
        """Return the noise in words."""
        drifts = ", ".join(f"{drift:.3g}" for drift in self.drifts)
        return (
            f"width {self.width:,.4g}, lag-1 autocorrelation {self.memory:.2f}, drift per connection {drifts} "
            f"({self.points} rest points of {len(self.drifts)} runs)"
        )


def measure_noise(records: Sequence[Record], metric: str) -> Noise | None:
    """Return the noise of a metric on clean runs that are long enough to show its memory; None where there is none."""
    runs = [
        (np.array(one.series["connections"]), np.array(one.series[metric])) for one in records if _tells(one, metric)
    ]
    if not runs:
        return None
    residuals = [_residuals(x, y) for x, y in runs]
    points = sum(map(len, residuals))
    power = sum(float(r @ r) for r in residuals)
    freedom = points - 2 * len(residuals)
    lagged = sum(float(r[1:] @ r[:-1]) for r in residuals)
    memory = unbias(lagged / power, points / len(residuals)) if power else 0.0
    drifts = tuple(theil_sen(x, y) for x, y in runs)
    return Noise((power / freedom) ** 0.5, memory, drifts, points)


def unbias(memory: float, points: float) -> float:
    """Return the autocorrelation that shows as ``memory`` once a line was taken out of so few points.

    Of r shows r - (2 + 4r)/n (Marriott, Pope 1954, for a line in place of a mean).
    """
    return min(max((memory + 2 / points) / (1 - 4 / points), 0.0), MOST_MEMORY)


def _tells(record: Record, metric: str) -> bool:
    is_right = record.outcome.is_found and metric in record.series
    return is_right and len(record.series[metric]) >= FEWEST_POINTS


def _residuals(x: Array, y: Array) -> Array:
    if np.ptp(y) == 0:  # exactly none, and not what a fit leaves by rounding
        return np.zeros(len(y))
    slope, level = np.polyfit(x, y, 1)
    residuals: Array = y - slope * x - level
    return residuals

"""What charts draw from a run: readings over time, summed over its processes, and rest points. Read once per report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from soakproof.judge.restpoints import RestPoint, fitted_places, rest_points
from soakproof.judge.series import fill_columns
from soakproof.samples import Phase, Run, Sample
from soakproof.totals import Array, add_columns, add_up
from soakproof.wording.names import say_per

MOST_POINTS = 1200
MOST_RESTS = 200
PHASE_NAMES: dict[Phase, str] = {
    "baseline": "idle",
    "warmup": "warm-up",
    "wave": "waves",
    "held": "bursts",
    "steady": "steady",
    "drain": "drain",
    "again": "load again",
    "trace": "second pass",
}


@dataclass(frozen=True)
class Span:
    """A stretch of time to be shaded: one wave, or the steady phase."""

    phase: Phase
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Rests:
    """One metric at all rest points; ``is_fitted`` tells those that the slope was fitted to. ``x`` is cumulative."""

    t_s: Array
    x: Array
    y: Array
    is_fitted: np.ndarray[tuple[int], np.dtype[np.bool_]]


class Timeline:
    """A run, column by column. Second-pass readings are left out: tracing changes what they count."""

    def __init__(self, run: Run) -> None:
        self.run = run
        readings = [*_group(run.samples)]
        first = [reading[0] for reading in readings]
        self._values = [_total(reading) for reading in readings]
        self.t_s = np.array([sample.t_s for sample in first])
        self.x = np.array([self._count(sample) for sample in first], dtype=float)
        self.connections = np.array([sample.connections for sample in first], dtype=float)
        self.clients = np.array([sample.clients for sample in first], dtype=float)
        self.points: list[RestPoint] = rest_points(run)
        self._fitted = np.isin(np.arange(len(self.points)), fitted_places(self.points))

    @property
    def per(self) -> str:
        """What the horizontal axis of growth counts: connection, or event."""
        return say_per(self.run)

    @property
    def end_s(self) -> float:
        """When the last reading was taken."""
        return float(self.t_s[-1]) if len(self.t_s) else 0.0

    def lines(self, metric: str) -> tuple[Array, Array]:
        """Return times and readings of a metric wherever it was read; a process without it counts as empty."""
        values = np.array([reading.get(metric, np.nan) for reading in self._values])
        is_read = np.isfinite(values)
        return self.t_s[is_read], values[is_read]

    def rests(self, metric: str) -> Rests:
        """Return a metric at the rest points, absent readings filled as the judge fills them."""
        y = add_columns(fill_columns(metric, self.points, self.run))
        is_read = np.isfinite(y)
        return Rests(
            t_s=np.array([point.t_s for point in self.points])[is_read],
            x=np.array([point.x for point in self.points])[is_read],
            y=y[is_read],
            is_fitted=self._fitted[is_read],
        )

    @cached_property
    def spans(self) -> list[Span]:
        """The waves, and from the last client's leaving the drain."""
        waves = [wave for wave in self.run.waves if wave.phase not in {"trace", "drain"}]
        spans = [Span(wave.phase, wave.t_start_s, wave.t_end_s) for wave in waves]
        drain = [point.t_s for point in self.points if point.phase == "drain"]
        if drain and spans:
            spans.append(Span("drain", max(span.end_s for span in spans), drain[-1]))
        return spans

    def stages(self) -> Iterator[Span]:
        """Yield stretches of consecutive waves of one phase, from the first's start to the next stretch's."""
        firsts = [span for at, span in enumerate(self.spans) if at == 0 or span.phase != self.spans[at - 1].phase]
        ends_s = [*(span.start_s for span in firsts[1:]), self.end_s]
        for first, end_s in zip(firsts, ends_s, strict=False):
            yield Span(first.phase, first.start_s, end_s)

    def x_at(self, t_s: Array) -> Array:
        """Return how many connections (events) there had been at given times."""
        return np.asarray(np.interp(t_s, self.t_s, self.x))

    def _count(self, sample: Sample) -> int:
        return sample.events if self.run.header.plan.is_held else sample.connections


def _group(samples: list[Sample]) -> Iterator[list[Sample]]:
    """Yield readings: the samples of all processes that were taken together."""
    reading: list[Sample] = []
    for sample in samples:
        if sample.phase == "trace":
            continue
        if reading and (sample.kind != reading[0].kind or sample.pid in {other.pid for other in reading}):
            yield reading
            reading = []
        reading.append(sample)
    if reading:
        yield reading


def _total(reading: list[Sample]) -> dict[str, float]:
    """Return the metrics of a reading, all processes together; those of one need no second copy of days of samples."""
    return reading[0].metrics if len(reading) == 1 else add_up(sample.metrics for sample in reading)

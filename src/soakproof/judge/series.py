"""From a run to series: one metric over settled rest points, against cumulative connections (or events, when held)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from soakproof.judge.functioncaches import is_behind
from soakproof.judge.restpoints import (
    RestPoint,
    baseline_places,
    find_crowds,
    find_drains,
    fitted_places,
    judged_pids,
    left_by_target_s,
    rest_points,
)
from soakproof.metrickinds import Kind, kind_of, unit_of
from soakproof.samples import Run, Sample
from soakproof.totals import Array, add_columns

MOST_TICKS = 1000
LARGER_CROWD = 1.1


class Drained(NamedTuple):
    """What a drain left, and after how many connections."""

    x: float
    left: float


@dataclass(frozen=True)
class Series:
    """One metric at the settled rest points, summed over the processes.

    ``x`` and ``y`` are the fitted points: the last warm-up wave, the measured waves, and the steady phase. ``drained``
    is the reading after the final drain, which is not fitted: nothing connects any more, so it tells what was only
    lingering; ``drained_before`` that of an earlier look, where there were two, ``drained_once`` that of an earlier
    drain, after which the same load came again, and ``unloaded`` the reading before anybody came. ``process_peak`` is
    the most that one process ever held. ``columns`` has ``y`` process by process.
    """

    metric: str
    x: Array
    y: Array
    drained: float | None
    x_end: float
    peak: float
    process_peak: float
    columns: dict[int, Array]
    drained_before: float | None = None
    drained_once: Drained | None = None
    unloaded: float | None = None
    leapt: tuple[tuple[float, float], ...] = ()

    @property
    def kind(self) -> Kind:
        """The kind in front of the colon."""
        return kind_of(self.metric)

    @property
    def name(self) -> str:
        """What stands behind the colon."""
        return self.metric.partition(":")[2]

    @property
    def unit(self) -> str:
        """What it is counted in."""
        return unit_of(self.metric)

    @property
    def is_bytes(self) -> bool:
        """Whether it is an amount of memory that drifts, and not a count of things, or the exact length of a buffer."""
        return self.unit == "bytes" and self.kind in {"heap", "process"}

    @cached_property
    def last(self) -> float:
        """The last reading of all, after the drain where there was one; the highest where no rest point is fitted."""
        if self.drained is not None:
            return self.drained
        return float(self.y[-1]) if len(self.y) else self.peak

    @property
    def gone_share(self) -> float:
        """The share of what stood there at the last fitted rest point, over what was read before the load, gone since.

        After the last drain; 0 where there was none, nothing was read before the load, or nothing had grown.
        """
        if self.drained is None or self.unloaded is None or not len(self.y):
            return 0.0
        grown = float(self.y[-1]) - self.unloaded
        return max(0.0, float(self.y[-1]) - self.drained) / grown if grown > 0 else 0.0

    def by_process(self) -> dict[int, float]:
        """Return the last fitted reading of each process, where there are several."""
        several = {pid: column for pid, column in self.columns.items() if len(self.columns) > 1 and len(column)}
        return {pid: float(column[-1]) for pid, column in several.items()}

    def at_drain(self, value: float) -> Series:
        """Return the series as if the drain had left so much."""
        return replace(self, drained=value)

    def once(self) -> Series | None:
        """Return the series as it was before the same load came again; None where none did."""
        if self.drained_once is None:
            return None
        return replace(self, drained=self.drained_once.left, x_end=self.drained_once.x, drained_once=None)

    def tail(self, start: int) -> Series:
        """Return the series from the given fitted point on."""
        columns = {pid: column[start:] for pid, column in self.columns.items()}
        return Series(
            metric=self.metric,
            x=self.x[start:],
            y=self.y[start:],
            drained=self.drained,
            x_end=self.x_end,
            peak=self.peak,
            process_peak=self.process_peak,
            columns=columns,
        )


def leapt_readings(points: list[RestPoint], total: Array, run: Run) -> tuple[tuple[float, float], ...]:
    """Return the readings of a drain in which the target's clock leapt, against its own time since the load's end."""
    if not run.leaps:
        return ()
    left = left_by_target_s(run)
    drains = [
        (point.t_s + point.ahead_s - left, float(total[at]))
        for at, point in enumerate(points)
        if point.phase == "drain"
    ]
    return tuple((since_s, value) for since_s, value in drains if not math.isnan(value))


def read_series(run: Run) -> list[Series]:
    """Return one series per metric that any rest sample of the run carries, sorted by name."""
    points = rest_points(run)
    fitted, drains, peaks = fitted_places(points), find_drains(points, run), find_peaks(run.samples)
    x = np.array([points[at].x for at in fitted])
    x_end = max((point.x for point in points), default=0.0)
    crowds = find_crowds(points, fitted, run)
    series = []
    for metric in sorted({name for point in points for sample in point.samples.values() for name in sample.metrics}):
        columns = fill_columns(metric, points, run)
        total = add_columns(columns)
        has_value = np.isfinite(total[fitted]) & is_behind(run, metric, x, len(columns))
        tops = [peak[metric] for peak in peaks.values() if metric in peak]
        series.append(
            Series(
                metric=metric,
                x=x[has_value],
                y=settle_level(metric, total[fitted], crowds)[has_value],
                drained=reading_at(total, drains.last),
                drained_before=reading_at(total, drains.before),
                drained_once=drained_once(points, total, drains.once),
                unloaded=reading_at(total, baseline_places(points)[-1:]),
                x_end=x_end,
                peak=sum(tops),
                process_peak=max(tops),
                columns={pid: column[fitted][has_value] for pid, column in columns.items()},
                leapt=leapt_readings(points, total, run),
            )
        )
    return series


def reading_at(total: Array, places: list[int]) -> float | None:
    """Return the reading at the only one of some places; None where there is none."""
    return float(total[places[0]]) if places and not math.isnan(total[places[0]]) else None


def drained_once(points: list[RestPoint], total: Array, places: list[int]) -> Drained | None:
    """Return what a drain left after which the same load came again; None where none did."""
    left = reading_at(total, places)
    return None if left is None else Drained(points[places[0]].x, left)


def settle_level(metric: str, values: Array, crowds: Array) -> Array:
    """Return memory without the steps of crowds larger than any before: they pay for a new high-water mark.

    Warm-up waves are as large as the measured ones; a steady phase of a server that is slow may be larger than both.
    """
    if kind_of(metric) not in {"heap", "process"} or unit_of(metric) != "bytes" or len(values) < 2:  # noqa: PLR2004
        return values
    is_larger = crowds[1:] > LARGER_CROWD * crowds[:-1]
    steps = np.where(is_larger, np.maximum(np.nan_to_num(np.diff(values)), 0.0), 0.0)
    lowered: Array = values - np.concatenate([[0.0], np.cumsum(steps)])
    return lowered


def lowest_at_rest(run: Run) -> dict[str, float]:
    """Return the least that each count of the ticks was at a judged rest point, the processes taken together."""
    ticking = {metric for sample in run.samples[-MOST_TICKS:] if sample.kind == "tick" for metric in sample.metrics}
    return {
        series.metric: float(series.y.min())
        for series in read_series(run)
        if series.metric in ticking and series.kind != "process" and len(series.y)
    }


def above_lowest(run: Run) -> set[str]:
    """Return the metrics that stood higher at the last judged rest point than at some other."""
    return {series.metric for series in read_series(run) if len(series.y) and series.y[-1] > series.y.min()}


def fill_columns(metric: str, points: list[RestPoint], run: Run) -> dict[int, Array]:
    """Return each process' values at all rest points of a run."""
    return {pid: fill_column(metric, pid, points, run.reference(metric, pid)) for pid in judged_pids(points)}


def fill_column(metric: str, pid: int, points: list[RestPoint], reference: float) -> Array:
    """Return one process' values at all rest points, as `soakproof.samples.Metric` and `Sample` say of absent ones.

    Before the first appearance it is the reference; after it 0 for counts of things and NaN (missing) for memory. A
    process that never names the metric has none.
    """
    read = [point.samples[pid].metrics.get(metric) if pid in point.samples else None for point in points]
    seen = [at for at, value in enumerate(read) if value is not None]
    if not seen:
        return np.zeros(len(points))
    is_memory = kind_of(metric) in {"heap", "blocks", "process"}
    gone = math.nan if is_memory else 0.0
    before = math.nan if is_memory else reference
    filled = [before if at < seen[0] else gone for at in range(len(points))]
    return np.array([fill if value is None else value for value, fill in zip(read, filled, strict=True)])


def find_peaks(samples: Iterable[Sample]) -> dict[int, dict[str, float]]:
    """Return the highest reading, ticks included, of each metric of each process."""
    peaks: dict[int, dict[str, float]] = {}
    for sample in samples:
        if sample.phase == "trace":
            continue
        top = peaks.setdefault(sample.pid, {})
        for metric, value in sample.metrics.items():
            if value > top.get(metric, -math.inf):
                top[metric] = value
    return peaks

"""What the page's script draws from: each metric's readings, rest points, fit and bound, as JSON within the page.

Long runs are thinned as the charts are (`soakproof.report.charts.downsample`), so that the page of a day is about as
large as that of an hour. Times that metrics share are written once.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from soakproof.judge.verdict import Finding
from soakproof.report.charts.axes import merge
from soakproof.report.charts.downsample import thin
from soakproof.report.charts.registry import CROWDS, fit_of, place_bound
from soakproof.report.charts.timeline import MOST_POINTS, MOST_RESTS, PHASE_NAMES, Rests, Timeline
from soakproof.totals import Array
from soakproof.wording.findings import say_reason
from soakproof.wording.numbers import say_margin

MOST_OF_COURSE = 400
DIGITS = 3

Number = int | float | None


class BoundLine(msgspec.Struct, kw_only=True):
    """The most that a metric may hold, what that is called, and from when to when it holds."""

    value: Number
    name: str
    start: Number
    end: Number


class MetricSeries(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One metric: ``values`` read at the times of list ``times``; ``rests`` are time, x, value, and whether judged.

    ``fit`` is a line's x, y and slope, and the lowest and highest slope of its band. ``crowd`` is what is many in any
    process, and needs no axis from zero.
    """

    unit: str
    reason: str
    margin: float
    margin_said: str
    times: int
    values: list[Number]
    rests: list[tuple[Number, Number, Number, int]]
    fit: tuple[float, ...] | None = None
    bound: BoundLine | None = None
    crowd: bool = False
    leaks: bool = False


class PageSeries(msgspec.Struct, kw_only=True):
    """All that the script draws: stretches to shade, phases by name, connections over time, and the metrics."""

    per: str
    end: Number
    shades: dict[str, list[tuple[Number, ...]]]
    stages: list[tuple[str, Number, Number]]
    course: list[tuple[Number, ...]]
    times: list[list[Number]]
    metrics: list[MetricSeries]


def encode_series(findings: Sequence[Finding], timeline: Timeline) -> str:
    """Return the JSON of these findings, in their order, in which no name can end the element that it stands in."""
    stages = [(PHASE_NAMES[each.phase], each.start_s, each.end_s) for each in timeline.stages()]
    lines = [thin(*timeline.lines(finding.metric), MOST_POINTS) for finding in findings]
    places: dict[bytes, int] = {}
    for t_s, _ in lines:
        places.setdefault(t_s.tobytes(), len(places))
    series = PageSeries(
        per=timeline.per,
        end=shorten(timeline.end_s),
        shades=_shade(timeline),
        stages=[(name, shorten(start_s), shorten(end_s)) for name, start_s, end_s in stages],
        course=_rows(*thin(timeline.t_s, timeline.x, MOST_OF_COURSE)),
        times=[list(map(shorten, np.frombuffer(t_s))) for t_s in places],
        metrics=[
            _series(finding, timeline, places[t_s.tobytes()], values)
            for finding, (t_s, values) in zip(findings, lines, strict=True)
        ],
    )
    return msgspec.json.encode(series).decode().replace("<", "\\u003c")


def _series(finding: Finding, timeline: Timeline, times: int, values: Array) -> MetricSeries:
    rests = timeline.rests(finding.metric)
    fit = fit_of(finding, rests)
    return MetricSeries(
        unit=finding.unit,
        reason=say_reason(finding),
        margin=finding.margin,
        margin_said=say_margin(finding.margin, finding.unit),
        times=times,
        values=list(map(shorten, values)),
        rests=_rests(rests),
        fit=(fit.x0, fit.y0, fit.slope, fit.low, fit.high) if fit else None,
        bound=_bound(finding, timeline),
        crowd=finding.kind in CROWDS,
        leaks=finding.verdict == "leak",
    )


def _rests(rests: Rests) -> list[tuple[Number, Number, Number, int]]:
    """Return the rest points in the order of time; of a great many, those that tell."""
    rows = []
    for is_judged in (False, True):
        chosen = np.flatnonzero(rests.is_fitted == is_judged)
        kept, _ = thin(chosen.astype(float), rests.y[chosen], MOST_RESTS)
        rows += [(int(at), int(is_judged)) for at in kept]
    return [
        (shorten(rests.t_s[at]), shorten(rests.x[at]), shorten(rests.y[at]), is_judged)
        for at, is_judged in sorted(rows)
    ]


def _bound(finding: Finding, timeline: Timeline) -> BoundLine | None:
    if finding.bound is None:
        return None
    name, start_s, end_s = place_bound(finding, timeline)
    return BoundLine(value=shorten(finding.bound), name=name, start=shorten(start_s), end=shorten(end_s))


def _shade(timeline: Timeline) -> dict[str, list[tuple[Number, ...]]]:
    """Return the stretches of waves, and of those that only warm up; joined where no screen could part them."""
    spans = [span for span in timeline.spans if span.phase != "drain"]
    stretches = {
        "warmup": [(span.start_s, span.end_s) for span in spans if span.phase == "warmup"],
        "wave": [(span.start_s, span.end_s) for span in spans if span.phase != "warmup"],
    }
    gap = timeline.end_s / MOST_POINTS
    return {name: [tuple(map(shorten, each)) for each in merge(spans, gap)] for name, spans in stretches.items()}


def _rows(x: Array, y: Array) -> list[tuple[Number, ...]]:
    return [(shorten(first), shorten(second)) for first, second in zip(x, y, strict=True)]


def shorten(value: float) -> Number:
    """Return a number as short as JSON can say it: whole where it is, else with the digits that a screen can show."""
    if not np.isfinite(value):
        return None
    return int(value) if value == int(value) else round(float(value), DIGITS)

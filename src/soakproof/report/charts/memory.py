"""Memory over time: RSS, USS and the heap in use, with the high-water mark named for what it is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from soakproof.judge.verdict import Finding, is_cause
from soakproof.report.charts.axes import name_phases, shade_waves, use_amounts, use_time
from soakproof.report.charts.canvas import Chart, add_axes, add_text
from soakproof.report.charts.downsample import thin
from soakproof.report.charts.style import SMALL, Theme
from soakproof.report.charts.timeline import MOST_POINTS, MOST_RESTS, Timeline
from soakproof.report.marks import MARKS
from soakproof.totals import Array
from soakproof.wording.numbers import say_bytes
from soakproof.wording.slope import is_fitted, say_slope

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 1000, 380
LEFT, RIGHT, TOP, BOTTOM = 76, 176, 58, 44
LABEL_HEIGHT = 28
CURVES = (
    ("process:rss", "RSS", "rss", "-"),
    ("process:uss", "USS at rest", "uss", "--"),
    ("heap:in_use_bytes", "heap in use", "heap", ":"),
)


def chart_memory(findings: Sequence[Finding], timeline: Timeline) -> Chart | None:
    """Return the chart of memory over time, if any of it was read."""
    by_metric = {finding.metric: finding for finding in findings}
    curves = {metric: timeline.lines(metric) for metric, *_ in CURVES}
    if not any(len(values) for _, values in curves.values()):
        return None
    high_water = say_high_water(curves["process:rss"][1], findings)

    def draw(figure: Figure, theme: Theme) -> None:
        axes = add_axes(figure, LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
        add_text(figure, LEFT, 6, "Memory of the server", fontsize=13, fontweight="bold")
        add_text(figure, LEFT, 25, high_water, fontsize=SMALL, color=theme.muted)
        _draw(axes, curves, by_metric, timeline, theme)

    return Chart("memory", "Memory over time", high_water, WIDTH, HEIGHT, draw)


def say_high_water(rss: Array, findings: Sequence[Finding]) -> str:
    """Return what the peak of RSS means: nothing while all counts are bounded, and nothing certain otherwise."""
    if not len(rss):
        return "RSS was not read."
    first, peak, last = (say_bytes(float(value)) for value in (rss[0], rss.max(), rss[-1]))
    course = f"RSS: {first} at first, {peak} at its high-water mark, {last} at the end."
    counts = [finding.verdict for finding in findings if finding.unit != "bytes"]
    if any(finding.verdict == "leak" for finding in findings):
        return f"{course} Some of it is the leak, some is what the allocator keeps after a peak."
    if counts and all(verdict == "bounded" for verdict in counts):
        return f"{course} What stays above the first reading is kept by the allocator; not a leak."
    return f"{course} The allocator keeps memory after a peak, so RSS alone decides nothing."


def _draw(
    axes: Axes,
    curves: dict[str, tuple[Array, Array]],
    findings: dict[str, Finding],
    timeline: Timeline,
    theme: Theme,
) -> None:
    shade_waves(axes, timeline, theme)
    top = max(float(values.max()) for _, values in curves.values() if len(values))
    use_amounts(axes, "bytes", 0, top * 1.1)
    use_time(axes, timeline.end_s)
    name_phases(axes, timeline, theme)
    _draw_high_water(axes, curves["process:rss"], theme)
    ends = {}
    for metric, name, role, dashes in CURVES:
        times, values = curves[metric]
        if len(values):
            colour = getattr(theme, role)
            axes.plot(*thin(times, values, MOST_POINTS), color=colour, linewidth=1.8, linestyle=dashes, zorder=4)
            if metric != "process:rss":
                axes.plot(*thin(times, values, MOST_RESTS), ".", color=colour, markersize=5, zorder=5, clip_on=False)
            finding = findings.get(metric)
            is_leak = finding is not None and is_cause(finding)
            label = _label(name, float(values[-1]), finding, timeline)
            ends[metric] = (float(values[-1]), label, theme.leak if is_leak else colour)
    _label_ends(axes, list(ends.values()))


def _label(name: str, last_bytes: float, finding: Finding | None, timeline: Timeline) -> str:
    if finding is None or not is_fitted(finding):
        return f"{name} {say_bytes(last_bytes)}"
    mark = f"{MARKS['leak'].glyph} " if is_cause(finding) else ""
    return f"{name} {say_bytes(last_bytes)}\n{mark}{say_slope(finding)} per {timeline.per}"


def _draw_high_water(axes: Axes, rss: tuple[Array, Array], theme: Theme) -> None:
    times, values = rss
    if not len(values):
        return
    at = int(np.argmax(values))
    axes.axhline(values[at], color=theme.rss, linewidth=1, linestyle=(0, (1, 3)), zorder=3)
    axes.annotate(
        f"high-water {say_bytes(float(values[at]))}",
        (0, values[at]),
        (4, 3),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        fontsize=SMALL,
        color=theme.rss,
        zorder=6,
    )
    axes.plot(times[at], values[at], "o", color=theme.rss, markersize=5, zorder=6)


def _label_ends(axes: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Write each curve's name at its end, pushed apart where two ends lie close."""
    lowest, highest = axes.get_ylim()
    per_pixel = (highest - lowest) / (HEIGHT - TOP - BOTTOM)
    places = spread([value / per_pixel for value, _, _ in ends], LABEL_HEIGHT)
    for (value, text, colour), place in zip(ends, places, strict=True):
        axes.annotate(
            text,
            (1, value),
            (8, place - value / per_pixel),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=colour,
            annotation_clip=False,
            zorder=6,
        )


def spread(places: Sequence[float], distance: float) -> list[float]:
    """Return places moved upwards until all are half of ``distance`` off the floor, and neighbours the whole apart."""
    moved = [max(place, distance / 2) for place in places]
    order = sorted(range(len(places)), key=lambda at: places[at])
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + distance)
    return moved

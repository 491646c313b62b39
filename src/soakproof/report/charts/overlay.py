"""One metric of two runs over each other, at rest against connections; a run that never named it is not drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soakproof.compare import Change
from soakproof.report.charts.axes import use_amounts, use_connections
from soakproof.report.charts.canvas import Chart, add_axes
from soakproof.report.charts.downsample import thin
from soakproof.report.charts.style import SMALL, Theme
from soakproof.report.charts.timeline import MOST_RESTS, Rests, Timeline
from soakproof.wording.changes import say_change_reason
from soakproof.wording.names import name_metric_in_full

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 560, 230
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 26, 44
LEAST_SCALE = 4.0


def chart_overlay(change: Change, base: Timeline, new: Timeline, name: str) -> Chart:
    """Return a metric's rest points of both runs: the base in grey, the new one in the colour of what it came to."""

    def draw(figure: Figure, theme: Theme) -> None:
        axes = add_axes(figure, LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
        rests = [each.rests(change.metric) for each in (base, new) if len(each.lines(change.metric)[0])]
        runs = [name for name, each in (("base", base), ("new", new)) if len(each.lines(change.metric)[0])]
        tone = {"regression": theme.leak, "inconclusive": theme.inconclusive}.get(change.verdict, theme.bounded)
        _scale(axes, rests, change.unit, new.per)
        for each, label in zip(rests, runs, strict=True):
            _draw_run(axes, each, label, tone if label == "new" else theme.muted, theme)

    title = name_metric_in_full(change.metric)
    return Chart(name, title, f"{title}: {say_change_reason(change)}.", WIDTH, HEIGHT, draw)


def _scale(axes: Axes, rests: list[Rests], unit: str, per: str) -> None:
    x = [float(value) for each in rests for value in each.x] or [0.0]
    y = [float(value) for each in rests for value in each.y] or [0.0]
    use_connections(axes, min(x), max(x), per)
    low = min(y) if unit == "bytes" else 0.0
    height = max(max(y) - low, LEAST_SCALE)
    use_amounts(axes, unit, low - 0.06 * height, low + 1.14 * height)


def _draw_run(axes: Axes, rests: Rests, label: str, colour: str, theme: Theme) -> None:
    """Draw one run's rest points, joined, with its name at its end."""
    marker = "o" if label == "new" else "s"
    if not len(rests.x):
        return
    x, y = thin(rests.x, rests.y, MOST_RESTS)
    axes.plot(x, y, color=colour, linewidth=1.3, marker=marker, markersize=5, markeredgecolor=theme.paper, zorder=4)
    axes.annotate(
        label,
        (float(x[-1]), float(y[-1])),
        (-2, 6 if label == "new" else -14),
        textcoords="offset points",
        ha="right",
        fontsize=SMALL,
        fontweight="bold",
        color=colour,
        zorder=6,
    )

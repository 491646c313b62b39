"""One metric over a history of runs: its slope in each, with its interval, and where that changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from soakproof.late import ticker
from soakproof.report.charts.canvas import Chart, add_axes
from soakproof.report.charts.style import SMALL, Theme
from soakproof.trend import ChangePoint, Trend
from soakproof.wording.names import name_metric_in_full
from soakproof.wording.numbers import say_growth
from soakproof.wording.trends import SHORT_COMMIT, say_change_point

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 1000, 240
LEFT, RIGHT, TOP, BOTTOM = 82, 16, 14, 64
MOST_LABELS, LONGEST_NAME = 16, 12
LEAST_SCALE = {"bytes": 32.0}


def chart_history(metric: str, trend: Trend, name: str) -> Chart:
    """Return the chart of a metric; a run that is invalid leaves a gap."""
    changes = [change for change in trend.changes if change.metric == metric]

    def draw(figure: Figure, theme: Theme) -> None:
        axes = add_axes(figure, LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
        _draw_runs(axes, metric, trend, theme)
        _draw_changes(axes, changes, len(trend.points), theme)
        _name_runs(axes, trend)
        axes.yaxis.set_major_locator(ticker.MaxNLocator(4))
        axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: say_growth(value, trend.units[metric])))

    said = "; ".join(say_change_point(change, trend) for change in changes) or "nothing changed"
    title = name_metric_in_full(metric)
    return Chart(name, title, f"{title} over {len(trend.points)} runs: {said}.", WIDTH, HEIGHT, draw)


def _draw_runs(axes: Axes, metric: str, trend: Trend, theme: Theme) -> None:
    valid = [at for at, point in enumerate(trend.points) if point.verdict != "invalid"]
    growth = [trend.points[at].growth.get(metric) for at in valid]
    slopes = np.array([each.slope if each else 0.0 for each in growth])
    lows = np.nan_to_num([each.low if each else 0.0 for each in growth])
    highs = np.nan_to_num([each.high if each else 0.0 for each in growth])
    axes.axhline(0, color=theme.muted, linewidth=0.8, zorder=1)
    axes.vlines(valid, lows, highs, color=theme.line, linewidth=2, alpha=0.5, zorder=2)
    axes.plot(valid, slopes, "o", color=theme.line, markeredgecolor=theme.paper, markersize=6, zorder=4)
    least = LEAST_SCALE.get(trend.units[metric], 0.02)
    low, high = min([0.0, *lows]), max([least, *highs])
    axes.set_ylim(low - 0.08 * (high - low), high + 0.14 * (high - low))
    axes.set_xlim(-0.5, len(trend.points) - 0.5)


def _draw_changes(axes: Axes, changes: Sequence[ChangePoint], runs: int, theme: Theme) -> None:
    """Draw the level of each stretch, and a line where it changes."""
    edges = [0, *(change.at for change in changes), runs]
    levels = [changes[0].before, *(change.after for change in changes)] if changes else []
    for level, start, end in zip(levels, edges, edges[1:], strict=False):
        axes.hlines(level, start - 0.5, end - 0.5, color=theme.ink, linewidth=1.2, linestyle=(0, (5, 2)), zorder=3)
    for change in changes:
        colour = theme.leak if change.is_worse else theme.bounded
        axes.axvline(change.at - 0.5, color=colour, linewidth=1.8, zorder=3)
        axes.annotate(
            f"{'▲' if change.is_worse else '●'} {say_growth(change.after - change.before, change.unit)}",
            (change.at - 0.5, 1),
            (5, -12),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=SMALL,
            fontweight="bold",
            color=colour,
            zorder=6,
        )


def _name_runs(axes: Axes, trend: Trend) -> None:
    step = -(-len(trend.points) // MOST_LABELS)
    places = range(0, len(trend.points), step)
    axes.set_xticks(list(places))
    names = [point.commit[:SHORT_COMMIT] if point.commit else point.name[-LONGEST_NAME:] for point in trend.points]
    axes.set_xticklabels([names[at] for at in places])
    axes.tick_params(axis="x", labelsize=9.5, rotation=35)

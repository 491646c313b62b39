"""Connections over time: how many were open, and how many came and went a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from soakproof.late import ticker
from soakproof.report.charts.axes import name_phases, shade_waves, use_amounts, use_time
from soakproof.report.charts.canvas import Chart, add_axes, add_text, write_beside
from soakproof.report.charts.downsample import thin
from soakproof.report.charts.style import SMALL, Theme
from soakproof.report.charts.timeline import MOST_POINTS, Timeline
from soakproof.totals import Array
from soakproof.wording.numbers import say_compact

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 1000, 380
LEFT, RIGHT = 60, 76
BUCKET_S = 0.5


def chart_connections(timeline: Timeline) -> Chart:
    """Return the chart of connections over time."""

    def draw(figure: Figure, theme: Theme) -> None:
        above = add_axes(figure, LEFT, 58, WIDTH - LEFT - RIGHT, 150)
        below = add_axes(figure, LEFT, 236, WIDTH - LEFT - RIGHT, 100)
        add_text(figure, LEFT, 6, "Connections", fontsize=13, fontweight="bold")
        add_text(figure, LEFT, 25, _say_load(timeline), fontsize=SMALL, color=theme.muted)
        _draw_open(above, timeline, theme)
        _draw_flow(below, timeline, theme)

    return Chart("connections", "Connections over time", _say_load(timeline), WIDTH, HEIGHT, draw)


def _say_load(timeline: Timeline) -> str:
    waves = [wave for wave in timeline.run.waves if wave.phase != "trace"]
    opened, peak = sum(wave.opened for wave in waves), max((wave.peak_clients for wave in waves), default=0)
    failures = sum(wave.failures for wave in waves)
    return f"{opened:,} opened and dropped, {peak:,} open at most at once, {failures:,} failures"


def _draw_open(axes: Axes, timeline: Timeline, theme: Theme) -> None:
    shade_waves(axes, timeline, theme)
    times, clients = thin(timeline.t_s, timeline.clients, MOST_POINTS)
    axes.fill_between(times, clients, color=theme.line, alpha=0.25, linewidth=0, zorder=2)
    axes.plot(times, clients, color=theme.line, linewidth=1.3, zorder=3)
    use_amounts(axes, "clients", 0, max([1.0, *clients]) * 1.1)
    use_time(axes, timeline.end_s, has_label=False)
    axes.tick_params(labelbottom=False)
    name_phases(axes, timeline, theme)
    axes.set_ylabel("open", fontsize=SMALL)


def _draw_flow(axes: Axes, timeline: Timeline, theme: Theme) -> None:
    """Draw arrivals upwards and departures downwards, per second, averaged over short stretches."""
    shade_waves(axes, timeline, theme)
    edges, came, went = flow(timeline)
    for rate, colour in ((came, theme.line), (-went, theme.uss)):
        axes.fill_between(*_steps(edges, rate), color=colour, alpha=0.85, linewidth=0.5, zorder=3)
    axes.axhline(0, color=theme.muted, linewidth=0.8, zorder=4)
    reach = max([1.0, *came, *went]) * 1.15
    use_amounts(axes, "per second", -reach, reach)
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: say_compact(abs(value))))
    axes.set_ylabel("per second", fontsize=SMALL)
    for text, place, colour in (("▲ arrive", 0.75, theme.line), ("▼ leave", 0.25, theme.uss)):
        write_beside(axes, text, place, (8, 0), fontsize=SMALL, fontweight="bold", color=colour, zorder=6)
    use_time(axes, timeline.end_s)


def flow(timeline: Timeline) -> tuple[Array, Array, Array]:
    """Return stretches of time by their edges, and arrivals and departures per second in each."""
    edges = np.arange(0, timeline.end_s + BUCKET_S, BUCKET_S)
    if len(timeline.t_s) < 2 or len(edges) < 2:  # noqa: PLR2004 - a difference needs two
        return np.array([0.0, BUCKET_S]), np.zeros(1), np.zeros(1)
    came_until = np.interp(edges, timeline.t_s, np.maximum.accumulate(timeline.connections))
    went_until = np.interp(edges, timeline.t_s, np.maximum.accumulate(timeline.connections - timeline.clients))
    return edges, np.diff(came_until) / BUCKET_S, np.diff(went_until) / BUCKET_S


def _steps(edges: Array, rate: Array) -> tuple[Array, Array]:
    """Return the outline of a histogram, thinned for a long run."""
    return thin(np.repeat(edges, 2)[1:-1], np.repeat(rate, 2), MOST_POINTS * 2)

"""How long clients took to connect, wave by wave: median, tail and worst, on a logarithmic scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from soakproof.late import ticker
from soakproof.report.charts.axes import name_phases, shade_waves, use_time
from soakproof.report.charts.canvas import Chart, add_axes, add_text, write_beside
from soakproof.report.charts.downsample import thin
from soakproof.report.charts.memory import spread
from soakproof.report.charts.style import SMALL, Theme
from soakproof.report.charts.timeline import MOST_RESTS, Timeline
from soakproof.samples import Wave
from soakproof.wording.numbers import say_milliseconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 1000, 250
LEFT, RIGHT, TOP, BOTTOM = 60, 110, 58, 44
LEAST_S = 1e-4
LABEL_HEIGHT = 15
CURVES = (("max", "muted", ":"), ("p99", "uss", "-"), ("p50", "line", "-"))
STEPS = (1.0, 2.0, 5.0)


def chart_latency(timeline: Timeline) -> Chart | None:
    """Return the chart of the time to connect, if the load generator measured it in several waves."""
    waves = [wave for wave in timeline.run.waves if wave.latency_s and wave.phase not in {"trace", "drain"}]
    if len(waves) < 2:  # noqa: PLR2004 - a line has two ends
        return None

    def draw(figure: Figure, theme: Theme) -> None:
        axes = add_axes(figure, LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
        add_text(figure, LEFT, 6, "Time to connect", fontsize=13, fontweight="bold")
        add_text(figure, LEFT, 25, "from the intended time, by wave", fontsize=SMALL, color=theme.muted)
        _draw(axes, waves, timeline, theme)

    last = waves[-1].latency_s
    described = "; ".join(f"{name} {say_milliseconds(value)}" for name, value in last.items())
    return Chart("latency", "Time to connect", f"In the last wave: {described}.", WIDTH, HEIGHT, draw)


def _draw(axes: Axes, waves: list[Wave], timeline: Timeline, theme: Theme) -> None:
    shade_waves(axes, timeline, theme)
    times = np.array([(wave.t_start_s + wave.t_end_s) / 2 for wave in waves])
    axes.set_yscale("log")
    use_time(axes, timeline.end_s)
    name_phases(axes, timeline, theme)
    curves = {}
    for name, role, dashes in CURVES:
        values = np.array([max(wave.latency_s.get(name, np.nan), LEAST_S) for wave in waves])
        is_read = np.isfinite(values)
        if is_read.any():
            colour = getattr(theme, role)
            shown = thin(times[is_read], values[is_read], MOST_RESTS)
            axes.plot(*shown, dashes, marker=".", color=colour, markersize=6)
            curves[name] = (float(values[is_read][-1]), colour)
    axes.yaxis.set_major_locator(ticker.LogLocator(10, subs=STEPS, numticks=6))
    axes.yaxis.set_minor_locator(ticker.NullLocator())
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: say_milliseconds(value)))
    _label_ends(axes, curves)


def _label_ends(axes: Axes, curves: dict[str, tuple[float, str]]) -> None:
    """Write each curve's name at its end, pushed apart where two ends lie close."""
    low, high = np.log10(axes.get_ylim())
    height = HEIGHT - TOP - BOTTOM
    ends = [(np.log10(last_s) - low) / (high - low) * height for last_s, _ in curves.values()]
    for (name, (last_s, colour)), place in zip(curves.items(), spread(ends, LABEL_HEIGHT), strict=True):
        text = f"{name} {say_milliseconds(last_s)}"
        write_beside(axes, text, place / height, (8, 0), fontsize=SMALL, color=colour)

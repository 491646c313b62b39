"""RSS at the rest points as a stack of its parts: what is in use below, what the allocators hold free on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from soakproof.judge.account import FREE, read_accounts
from soakproof.judge.verdict import MemoryAccount
from soakproof.report.charts.axes import name_phases, shade_waves, use_amounts, use_time
from soakproof.report.charts.canvas import Chart, add_axes, add_text, write_beside
from soakproof.report.charts.downsample import thin
from soakproof.report.charts.style import SMALL, Theme
from soakproof.report.charts.timeline import MOST_POINTS, Timeline
from soakproof.totals import Array
from soakproof.wording.account import name_part, say_account, say_change
from soakproof.wording.numbers import say_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 1000, 400
LEFT, RIGHT, TOP, BOTTOM = 76, 330, 58, 44
LEGEND_LEFT, LEGEND_ROW = 24, 32
FEWEST_POINTS = 2
STACK = ("files", "shared", "other", "stacks", "mapped", "heap_in_use", "python_in_use", *FREE)
EXPLANATION = "RSS at rest points, before free memory is given back; below the line it is in use, above it held free"


def chart_account(account: MemoryAccount | None, timeline: Timeline) -> Chart | None:
    """Return the chart of the account, where rest points enough have one."""
    told = read_accounts(timeline.points)
    if account is None or len(told) < FEWEST_POINTS:
        return None
    times = np.array([point.t_s for point, _ in told])
    parts = {name: np.array([each.get(name, 0.0) for _, each in told]) for name in STACK}
    shown = [name for name in STACK if parts[name].any()]

    def draw(figure: Figure, theme: Theme) -> None:
        axes = add_axes(figure, LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
        add_text(figure, LEFT, 6, "Where the memory lay", fontsize=13, fontweight="bold")
        add_text(figure, LEFT, 25, EXPLANATION, fontsize=SMALL, color=theme.muted)
        _draw(axes, times, {name: parts[name] for name in shown}, timeline, theme)
        _list_parts(axes, shown, account, theme)

    return Chart("account", "Where the memory lay", say_account(account), WIDTH, HEIGHT, draw)


def _draw(axes: Axes, times: Array, parts: dict[str, Array], timeline: Timeline, theme: Theme) -> None:
    rss_times, rss = timeline.lines("process:rss")
    top = max(float(np.sum([*parts.values()], axis=0).max()), float(rss.max()) if len(rss) else 0.0)
    shade_waves(axes, timeline, theme)
    use_amounts(axes, "bytes", 0, top * 1.08)
    use_time(axes, timeline.end_s)
    name_phases(axes, timeline, theme)
    below = np.zeros(len(times))
    for name, amounts in parts.items():
        if name == FREE[0] or (name in FREE and FREE[0] not in parts):
            axes.plot(times, below, color=theme.ink, linewidth=1.2, zorder=5)
        colour = getattr(theme, name)
        axes.fill_between(times, below, below + amounts, color=colour, linewidth=0.4, edgecolor=theme.paper, zorder=3)
        below = below + amounts
    axes.plot(times, below, ".", color=theme.ink, markersize=4, zorder=6, clip_on=False)
    axes.plot(*thin(rss_times, rss, MOST_POINTS), color=theme.muted, linewidth=0.9, zorder=4)


def _list_parts(axes: Axes, shown: Sequence[str], account: MemoryAccount, theme: Theme) -> None:
    """Name the parts beside the stack, in its order, with what each came to in the end."""
    for row, name in enumerate(reversed(shown)):
        top = -row * LEGEND_ROW - 6
        change = f"{say_change(account.last[name] - account.first[name])} since before the first client"
        for text, left, down, size, colour in (
            ("■", LEGEND_LEFT - 16, top, 14.0, getattr(theme, name)),
            (f"{say_bytes(account.last[name])} {name_part(name, account)}", LEGEND_LEFT, top, SMALL, theme.ink),
            (change, LEGEND_LEFT, top - 13, 10.0, theme.muted),
        ):
            write_beside(axes, text, 1, (left, down), fontsize=size, color=colour)

"""How containers emptied as the target's clock leapt: one panel each, over its own time since the load's end."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from soakproof.judge.restpoints import left_by_target_s
from soakproof.judge.verdict import Finding, Verdict
from soakproof.late import ticker
from soakproof.report.charts.axes import use_amounts
from soakproof.report.charts.canvas import Chart, add_axes, add_text
from soakproof.report.charts.registry import verdict_colour
from soakproof.report.charts.style import SMALL, Theme
from soakproof.samples import Run
from soakproof.totals import Array, add_standing
from soakproof.wording.emptying import say_when
from soakproof.wording.names import name_in_prose
from soakproof.wording.numbers import say_age

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 6
WIDTH, PANEL, TOP, LEFT, RIGHT, GAP = 960, 120, 34, 60, 24, 62
TICKS_S = (10.0, 30.0, 120.0, 600.0, 3600.0, 7200.0, 86_400.0)
FIRST_S = 5.0
HEADROOM = 1.15


def chart_emptying(run: Run, verdict: Verdict) -> Chart | None:
    """Return the chart of what emptied, or stayed, as the clock leapt; None where it did not leap."""
    shown = [each for each in verdict.findings if each.emptying or (each.still_s and each.is_deciding)][:MOST_PANELS]
    if not shown:
        return None
    description = "; ".join(f"{name_in_prose(finding.metric)} {say_when(finding)}" for finding in shown)
    height = TOP + len(shown) * (PANEL + GAP)
    return Chart("emptying", "Emptied with time", description, WIDTH, height, partial(_draw, run, shown))


def _draw(run: Run, findings: list[Finding], figure: Figure, theme: Theme) -> None:
    for number, finding in enumerate(findings):
        top = TOP + number * (PANEL + GAP)
        title = f"{name_in_prose(finding.metric)}: {say_when(finding)}"
        add_text(figure, LEFT, top - 24, title, fontsize=SMALL, fontweight="bold", color=theme.ink)
        axes = add_axes(figure, LEFT, top, WIDTH - LEFT - RIGHT, PANEL)
        draw_emptying(axes, finding, *read_emptying(run, finding.metric), theme)


def read_emptying(run: Run, metric: str) -> tuple[Array, Array]:
    """Return the readings of the drain, ticks and rest points, against the target's time since the load's end."""
    drained = [sample for sample in run.samples if sample.phase == "drain"]
    times, values = add_standing(drained, metric, by_target=True)
    since = times - left_by_target_s(run)
    return since[since > 0], values[since > 0]


def draw_emptying(axes: Axes, finding: Finding, times: Array, values: Array, theme: Theme) -> None:
    """Draw the readings as steps, and shade the time in which it emptied; time is in equal ratios."""
    colour = verdict_colour(finding, theme)
    axes.step(np.maximum(times, FIRST_S), values, where="post", color=colour, linewidth=1.4, zorder=3)
    if finding.emptying:
        axes.axvspan(finding.emptying.after_s, finding.emptying.by_s, color=theme.wave, linewidth=0, zorder=0)
    use_amounts(axes, finding.unit, 0.0, max([*values, 1.0]) * HEADROOM, ticks=3)
    use_ages(axes, float(times[-1]) if len(times) else FIRST_S)


def use_ages(axes: Axes, last_s: float) -> None:
    """Let the horizontal axis be the target's time since the load's end, from seconds to days."""
    axes.set_xscale("log")
    axes.set_xlim(FIRST_S, max(last_s * 1.05, 2 * FIRST_S))
    axes.set_xticks([tick for tick in TICKS_S if tick <= last_s])
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: say_age(value)))
    axes.set_xlabel("since the last connection, by the target's clock", fontsize=SMALL, loc="right", labelpad=2)

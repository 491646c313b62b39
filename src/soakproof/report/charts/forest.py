"""All intervals against their margins: what lies within the band is proven, what lies right of it leaks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from soakproof.judge.verdict import Finding
from soakproof.late import ticker
from soakproof.report.charts.canvas import Chart, add_axes, add_text
from soakproof.report.charts.registry import verdict_colour
from soakproof.report.charts.style import SMALL, Theme
from soakproof.report.marks import MARKS
from soakproof.wording.names import name_metric_in_full, say_verdict
from soakproof.wording.numbers import elide, say_confidence
from soakproof.wording.slope import is_fitted, say_slope_in_full

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 1000
LEFT, RIGHT, TOP, BOTTOM = 372, 272, 76, 52
FIGURES_AT, VERDICT_AT = 10, 186
ROW, ROW_OF_TWO = 22, 31
MOST_ROWS = 30
NAME_CHARACTERS = 60
NAME_SIZE = 10.5
LONGEST_PART = 14
BREAK_AFTER = re.compile(r"(?<=[./: ])")
FARTHEST = 1e6
TICKS = (-1e6, -1e4, -100, -10, -1, 0, 1, 10, 100, 1e4, 1e6)


def chart_forest(findings: Sequence[Finding], per: str) -> Chart | None:
    """Return the forest plot, if any metric has an interval."""
    measured = [finding for finding in findings if is_fitted(finding)]
    shown = choose(measured)
    if not shown:
        return None
    more = len(measured) - len(shown)
    foot = f"{more:,} more metrics, all bounded and nearer to zero, are not drawn" if more else ""

    names = [wrap(name_metric_in_full(finding.metric)) for finding in shown]
    row = ROW if max(name.count("\n") for name in names) == 0 else ROW_OF_TWO

    def draw(figure: Figure, theme: Theme) -> None:
        add_text(figure, 16, 6, f"Growth per {per} against its margin", fontsize=13, fontweight="bold")
        explanation = "within ±1 margin: proven bounded · right of it: leak · across: undecided"
        add_text(figure, 16, 25, explanation, fontsize=SMALL, color=theme.muted)
        for left, text in (
            (FIGURES_AT, f"per {per}, {say_confidence(shown[0].confidence)} interval"),
            (VERDICT_AT, "verdict"),
        ):
            add_text(figure, WIDTH - RIGHT + left, TOP - 16, text, fontsize=10, color=theme.muted)
        axes = add_axes(figure, LEFT, TOP, WIDTH - LEFT - RIGHT, row * len(shown))
        _draw(axes, shown, names, theme)
        if foot:
            add_text(figure, 16, TOP + row * len(shown) + 24, foot, fontsize=SMALL, color=theme.muted)

    height = TOP + row * len(shown) + BOTTOM
    described = f"{len(measured):,} intervals drawn against their margins; the findings table has the same figures."
    return Chart("forest", "Intervals against margins", described, WIDTH, height, draw)


def choose(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings to draw in the judge's order; of too many, leave out bounded ones, nearest zero first."""
    if len(findings) <= MOST_ROWS:
        return list(findings)
    by_interest = sorted(findings, key=lambda finding: (finding.verdict != "bounded", _reach(finding)), reverse=True)
    kept = {id(finding) for finding in by_interest[:MOST_ROWS]}
    return [finding for finding in findings if id(finding) in kept]


def wrap(name: str) -> str:
    """Return a name whole: over two lines where it is long, and of one that two cannot hold the middle left out."""
    if len(name) <= NAME_CHARACTERS:
        return name
    parts = BREAK_AFTER.split(elide(name, 2 * NAME_CHARACTERS - LONGEST_PART))
    first = ""
    while parts and len(first) + len(parts[0]) <= NAME_CHARACTERS:
        first += parts.pop(0)
    rest = "".join(parts)
    return f"{first}\n{rest}" if first else elide(name, NAME_CHARACTERS)


def _reach(finding: Finding) -> float:
    return max(abs(end) for end in finding.ci) / finding.margin


def _draw(axes: Axes, findings: Sequence[Finding], names: Sequence[str], theme: Theme) -> None:
    reach = max(2.0, min(max(_reach(finding) for finding in findings) * 2.5, FARTHEST * 2))
    lowest = min([finding.ci[0] / finding.margin for finding in findings])
    axes.set_xscale("symlog", linthresh=1.0, linscale=1.4)
    axes.set_xlim(-1.6 if lowest > -1 else -reach, reach)
    axes.set_ylim(len(findings) - 0.5, -0.5)
    axes.axvspan(-1, 1, color=theme.wave, linewidth=0, zorder=0)
    axes.axvline(0, color=theme.muted, linewidth=0.8, zorder=1)
    _use_margins(axes)
    for row, (finding, name) in enumerate(zip(findings, names, strict=True)):
        _draw_row(axes, row, finding, name, theme)


def _use_margins(axes: Axes) -> None:
    axes.grid(visible=False)
    axes.xaxis.set_major_locator(ticker.FixedLocator(TICKS))
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:+,.0f}" if value else "0"))
    axes.tick_params(axis="x", labelsize=10)
    axes.set_yticks([])
    axes.set_xlabel("multiples of the margin (logarithmic beyond ±1)", fontsize=SMALL, loc="center", labelpad=3)


def _draw_row(axes: Axes, row: int, finding: Finding, name: str, theme: Theme) -> None:
    colour, mark = verdict_colour(finding, theme), MARKS[finding.verdict]
    low, slope, high = (
        min(max(value / finding.margin, -FARTHEST), FARTHEST)
        for value in (finding.ci[0], finding.per_connection, finding.ci[1])
    )
    axes.plot([low, high], [row, row], color=colour, linewidth=2.6, alpha=0.75, zorder=3)
    axes.plot(slope, row, mark.marker, color=colour, markeredgecolor=theme.paper, markersize=7, zorder=4)
    figures = say_slope_in_full(finding)
    for text, place, align, tint, size in (
        (name, (0, row), ("right", -10), theme.ink, NAME_SIZE),
        (figures, (1, row), ("left", FIGURES_AT), theme.ink, 10.5),
        (f"{mark.glyph} {say_verdict(finding)}", (1, row), ("left", VERDICT_AT), colour, 10),
    ):
        axes.annotate(
            text,
            place,
            (align[1], 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha=align[0],
            va="center",
            fontsize=size,
            color=tint,
            annotation_clip=False,
        )

"""All registries at a glance: small multiples, the application's first, leaks before anything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from soakproof.judge.verdict import Finding
from soakproof.report.charts.canvas import Chart, add_axes, add_text
from soakproof.report.charts.registry import draw_growth, draw_over_time, verdict_colour
from soakproof.report.charts.style import SMALL, Theme
from soakproof.report.charts.timeline import Timeline
from soakproof.report.marks import MARKS
from soakproof.wording.findings import say_reason
from soakproof.wording.names import name_metric, name_metric_in_full, say_verdict
from soakproof.wording.numbers import elide, say_unit
from soakproof.wording.slope import is_fitted, say_slope_in_full, say_slope_per

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 1000
COLUMNS = 2
MOST_PANELS = 10
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 62, 44
BARE_TOP = 22
PANEL_HEIGHT = 250
FOOT = 26

Draw = Callable[["Axes", Finding, Timeline, Theme], None]


def chart_over_time(findings: Sequence[Finding], timeline: Timeline) -> Chart:
    """Return the overview of registries over time."""
    return _chart("registries", "Registries over time", findings, timeline, draw_over_time)


def chart_growth(findings: Sequence[Finding], timeline: Timeline) -> Chart:
    """Return the overview of registries at rest against connections."""
    return _chart("growth", f"Registries at rest, per {timeline.per}", findings, timeline, draw_growth)


def chart_panel(finding: Finding, timeline: Timeline, name: str, width: int, draw: Draw) -> Chart:
    """Return one panel as a chart of its own, without the title that the page writes above it."""

    def draw_panel(figure: Figure, theme: Theme) -> None:
        height = PANEL_HEIGHT - TOP - BOTTOM
        draw(add_axes(figure, LEFT, BARE_TOP, width - LEFT - RIGHT, height), finding, timeline, theme)

    height = PANEL_HEIGHT - TOP + BARE_TOP
    return Chart(name, name_metric_in_full(finding.metric), describe(finding, timeline), width, height, draw_panel)


def _chart(name: str, title: str, findings: Sequence[Finding], timeline: Timeline, draw: Draw) -> Chart:
    shown = findings[:MOST_PANELS]
    rows = -(-len(shown) // COLUMNS)
    more = len(findings) - len(shown)

    def draw_all(figure: Figure, theme: Theme) -> None:
        for at, finding in enumerate(shown):
            _draw_panel(figure, at, finding, timeline, theme, draw)
        if more:
            text = f"{more:,} more registries are not drawn; the table in report.html and verdict.json have them all."
            add_text(figure, LEFT, rows * PANEL_HEIGHT + 4, text, fontsize=SMALL, color=theme.muted)

    described = " ".join(describe(finding, timeline) for finding in shown)
    return Chart(name, title, described, WIDTH, rows * PANEL_HEIGHT + (FOOT if more else 0), draw_all)


def _draw_panel(figure: Figure, at: int, finding: Finding, timeline: Timeline, theme: Theme, draw: Draw) -> None:
    width = WIDTH // COLUMNS
    left, top = at % COLUMNS * width, at // COLUMNS * PANEL_HEIGHT
    _title(figure, left, top, width, finding, timeline, theme)
    axes = add_axes(figure, left + LEFT, top + TOP, width - LEFT - RIGHT, PANEL_HEIGHT - TOP - BOTTOM)
    draw(axes, finding, timeline, theme)


def _title(
    figure: Figure, left: float, top: float, width: float, finding: Finding, timeline: Timeline, theme: Theme
) -> None:
    """Write the name, and below it the verdict with the slope: a panel must be understood alone."""
    name = elide(name_metric(finding.metric), int((width - LEFT) / 8.2))
    slope = f"{say_slope_in_full(finding)} {say_unit(finding.unit, timeline.per)}"
    growth = slope if is_fitted(finding) else "too few rest points for a slope"
    verdict = f"{MARKS[finding.verdict].glyph} {say_verdict(finding)}"
    add_text(figure, left + LEFT, top + 6, name, fontsize=13, fontweight="bold", color=theme.ink)
    add_text(
        figure,
        left + LEFT,
        top + 25,
        f"{verdict} · {growth}",
        fontsize=SMALL,
        color=verdict_colour(finding, theme),
    )


def describe(finding: Finding, timeline: Timeline) -> str:
    """Return in words what a panel shows, for those who cannot see it."""
    growth = say_slope_per(finding, timeline.per)
    return f"{name_metric_in_full(finding.metric)}: {say_verdict(finding)}, {growth}, {say_reason(finding)}."

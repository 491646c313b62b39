"""Charts: what is drawn of a run, and the files it is drawn into."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from soakproof.judge.filling import find_filling
from soakproof.judge.verdict import Verdict
from soakproof.report.charts.account import chart_account
from soakproof.report.charts.canvas import Chart, to_png, to_svg_file
from soakproof.report.charts.connections import chart_connections
from soakproof.report.charts.emptying import chart_emptying
from soakproof.report.charts.forest import chart_forest
from soakproof.report.charts.latency import chart_latency
from soakproof.report.charts.lines import chart_lines
from soakproof.report.charts.memory import chart_memory
from soakproof.report.charts.registries import chart_growth, chart_over_time
from soakproof.report.charts.style import DARK, LIGHT
from soakproof.report.charts.timeline import Timeline
from soakproof.report.files import make_folder, write_file
from soakproof.report.grouping import Groups, group
from soakproof.samples import Run

FOLDER = "charts"


class Charts:
    """A run's charts, made when they are first asked for; whatever formats they are written in share the drawings."""

    def __init__(self, run: Run, verdict: Verdict) -> None:
        self.run = run
        self.verdict = verdict

    @cached_property
    def groups(self) -> Groups:
        """The findings, by what they are of."""
        return group(self.run, self.verdict)

    @cached_property
    def timeline(self) -> Timeline:
        """The run's readings, thinned out to what can be drawn."""
        return Timeline(self.run)

    @cached_property
    def overviews(self) -> list[Chart]:
        """The charts of many registries at once, for where none can be chosen."""
        return _make_overviews(self.groups, self.timeline)

    @cached_property
    def for_page(self) -> list[Chart]:
        """The charts that the page shows as they are; its metrics are drawn by its script."""
        return _make_page_charts(self.run, self.verdict, self.timeline)

    def __iter__(self) -> Iterator[Chart]:
        """All that the run has something to show in."""
        yield from self.overviews
        yield from self.for_page


def _make_overviews(groups: Groups, timeline: Timeline) -> list[Chart]:
    overviews = []
    drawn = [*groups.prominent, *groups.small]
    if drawn and timeline.points:
        overviews.append(chart_over_time(drawn, timeline))
    if groups.prominent and timeline.points:
        overviews.append(chart_growth(groups.prominent, timeline))
    return overviews


def _make_page_charts(run: Run, verdict: Verdict, timeline: Timeline) -> list[Chart]:
    culprits = [site for finding in verdict.findings if finding.culprit for site in finding.culprit.sites]
    sites = verdict.growth_by_line or (run.lines.sites if run.lines else [])
    charts = [
        chart_account(verdict.account, timeline),
        chart_memory(verdict.findings, timeline),
        chart_lines(sites, culprits, timeline.per, most_growth(verdict)),
        chart_emptying(run, verdict),
        chart_connections(timeline) if len(timeline.t_s) else None,
        chart_latency(timeline),
        chart_forest(verdict.findings, timeline.per),
    ]
    return [chart for chart in charts if chart is not None]


def most_growth(verdict: Verdict) -> float | None:
    """Return the most that memory in use can have grown by, of a bounded run in which nothing is still filling."""
    is_proven = verdict.verdict == "bounded" and verdict.resolution and not find_filling(verdict.findings)
    return verdict.resolution.bytes if is_proven and verdict.resolution else None


def write_png(charts: Charts, out: Path) -> list[Path]:
    """Write each chart as ``charts/NAME.png``, and for dark screens ``charts/NAME-dark.png``."""
    folder = make_folder(out / FOLDER)
    themes = ((LIGHT, ""), (DARK, "-dark"))
    return [
        write_file(folder / f"{chart.name}{suffix}.png", to_png(chart, theme))
        for chart in charts
        for theme, suffix in themes
    ]


def write_svg(charts: Charts, out: Path) -> list[Path]:
    """Write each chart as ``charts/NAME.svg``, which follows its reader's colour scheme."""
    folder = make_folder(out / FOLDER)
    return [write_file(folder / f"{chart.name}.svg", to_svg_file(chart.svg).encode()) for chart in charts]

"""Charts: what is drawn of a run, and the files it is drawn into."""

from __future__ import annotations

from pathlib import Path

from soakproof.judge.filling import find_filling
from soakproof.judge.verdict import Verdict
from soakproof.report.charts.account import chart_account
from soakproof.report.charts.canvas import Chart, to_png, to_svg, to_svg_file
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


def make_charts(run: Run, verdict: Verdict) -> list[Chart]:
    """Return the charts that a run has something to show in."""
    timeline = Timeline(run)
    return [*make_overviews(group(run, verdict), timeline), *make_page_charts(run, verdict, timeline)]


def make_overviews(groups: Groups, timeline: Timeline) -> list[Chart]:
    """Return the charts of many registries at once, for where none can be chosen."""
    overviews = []
    drawn = [*groups.prominent, *groups.small]
    if drawn and timeline.points:
        overviews.append(chart_over_time(drawn, timeline))
    if groups.prominent and timeline.points:
        overviews.append(chart_growth(groups.prominent, timeline))
    return overviews


def make_page_charts(run: Run, verdict: Verdict, timeline: Timeline) -> list[Chart]:
    """Return the charts that the page shows as they are; its metrics are drawn by its script."""
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


def write_png(run: Run, verdict: Verdict, out: Path) -> list[Path]:
    """Write each chart as ``charts/NAME.png``, and for dark screens ``charts/NAME-dark.png``."""
    charts = make_charts(run, verdict)
    folder = make_folder(out / FOLDER)
    themes = ((LIGHT, ""), (DARK, "-dark"))
    return [
        write_file(folder / f"{chart.name}{suffix}.png", to_png(chart, theme))
        for chart in charts
        for theme, suffix in themes
    ]


def write_svg(run: Run, verdict: Verdict, out: Path) -> list[Path]:
    """Write each chart as ``charts/NAME.svg``, which follows its reader's colour scheme."""
    charts = make_charts(run, verdict)
    folder = make_folder(out / FOLDER)
    return [write_file(folder / f"{chart.name}.svg", to_svg_file(to_svg(chart)).encode()) for chart in charts]

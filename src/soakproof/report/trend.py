"""A history of runs: in the terminal, as ``trend.csv``, and as ``trend.html``, one self-contained page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from markupsafe import Markup
from rich.console import Console, RenderableType
from rich.text import Text

from soakproof.errors import OutputError
from soakproof.report.charts.history import chart_history
from soakproof.report.files import write_file
from soakproof.report.html import draw_picture, page_environment, style_sheet
from soakproof.report.marks import MARKS
from soakproof.report.terminal import print_blocks
from soakproof.trend import Growth, Trend, group_changes
from soakproof.wording.trends import say_change_point, say_point, say_trend

COLUMNS = ("run", "commit", "started_at", "verdict", "metric", "unit", "per_connection", "low", "high", "change")
MOST_CHARTS = 40


def render_trend(trend: Trend, console: Console) -> None:
    """Print what the history comes to, and each change with the run that it begins with."""
    print_blocks(lambda _width: _blocks(trend), console)


def _blocks(trend: Trend) -> Iterator[RenderableType]:
    yield Text(say_trend(trend), style="bold")
    for at, changes in sorted(group_changes(trend).items()):
        text = Text(say_point(trend.points[at]), style="bold")
        for change in changes:
            mark = MARKS["leak" if change.is_worse else "bounded"]
            text.append(f"\n  {mark.glyph} ", style=mark.style)
            text.append(say_change_point(change, trend), style="not bold default")
        yield text


def write_trend(trend: Trend, out: Path) -> list[Path]:
    """Write ``trend.csv`` and ``trend.html``; return them.

    Raises:
        OutputError: a file cannot be written.
    """
    content = {out / "trend.csv": make_csv(trend), out / "trend.html": render_trend_page(trend)}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file, text in content.items():
            write_file(file, text)
    except OSError as error:
        need = "need a directory that can be written, with room in it"
        raise OutputError(f"{error.filename or out}: {error.strerror}; {need}") from error
    return list(content)


def make_csv(trend: Trend) -> str:
    """Return a line per run and metric that ever grew or changed; ``change`` says where one begins, and which way."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    changes = {(change.at, change.metric): "more" if change.is_worse else "less" for change in trend.changes}
    for at, point in enumerate(trend.points):
        for metric, unit in trend.units.items():
            growth = point.growth.get(metric, Growth(0.0, 0.0, 0.0))
            is_valid = point.verdict != "invalid"
            figures = (growth.slope, growth.low, growth.high) if is_valid else ("", "", "")
            row = (point.name, point.commit or "", point.started_at, point.verdict, metric, unit, *figures)
            writer.writerow((*row, changes.get((at, metric), "")))
    return stream.getvalue()


def render_trend_page(trend: Trend) -> str:
    """Return the page: what changed and when, the charts of what ever moved, and the runs."""
    metrics = sorted(trend.units, key=lambda metric: -sum(change.metric == metric for change in trend.changes))
    charts = [
        draw_picture(chart_history(metric, trend, f"history-{at}")) for at, metric in enumerate(metrics[:MOST_CHARTS])
    ]
    return (
        page_environment()
        .get_template("trend.html.j2")
        .render(
            trend=trend,
            headline=say_trend(trend),
            tone="leak" if any(change.is_worse for change in trend.changes) else "bounded",
            changes=[(change, say_change_point(change, trend)) for change in trend.changes],
            points=[(point, say_point(point)) for point in trend.points],
            marks=MARKS,
            charts=charts,
            not_drawn=len(metrics) - len(charts),
            css=Markup(style_sheet()),  # noqa: S704  # our own file and colours
        )
    )

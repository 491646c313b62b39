"""``report.html``: one self-contained page, and nothing is fetched from anywhere.

Overviews stand in it as SVG; the chart of each metric is drawn by the page's script, from what stands in it as JSON.
Where no script runs, the charts of all registries stand in their place.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from soakproof.judge.verdict import Finding, Verdict
from soakproof.report.cards import count_kinds, make_cards
from soakproof.report.charts import Charts
from soakproof.report.charts.canvas import Chart
from soakproof.report.charts.registries import chart_panel
from soakproof.report.charts.registry import draw_over_time
from soakproof.report.charts.style import DARK, FONT_STACK, LIGHT, Theme, dark_css
from soakproof.report.charts.timeline import Timeline
from soakproof.report.details import detail_lists, fact_list, sentence_list
from soakproof.report.files import write_file
from soakproof.report.flame import encode_flame
from soakproof.report.grouping import count_by_verdict, list_processes
from soakproof.report.marks import MARKS
from soakproof.report.pageseries import encode_series
from soakproof.report.stacks import find_stayed, name_frame
from soakproof.samples import Run
from soakproof.wording import numbers
from soakproof.wording.account import list_parts
from soakproof.wording.advice import advise, say_headline
from soakproof.wording.culprits import agreeing_types, name_culprit, say_site
from soakproof.wording.findings import say_reason
from soakproof.wording.names import name_metric, name_metric_in_full, say_note, say_per, say_verdict
from soakproof.wording.reasons import say_verdict_reason
from soakproof.wording.repeating import say_next, say_repeat
from soakproof.wording.shares import say_share
from soakproof.wording.slope import say_slope, say_slope_interval
from soakproof.wording.warned import say_warning

CAUSE_WIDTH = 480
MOST_PICTURES = 4
SCRIPTS = ("series.js", "amounts.js", "chart.js", "large.js", "grid.js", "flame.js", "page.js")
BREAK_AFTER = re.compile(r"(?<=\S)([./:_\[\]()=]+)(?=[^\W\d])")  # within a word, and not behind what opens a bracket
LEADING_COLUMNS = (
    ("metric", "text"),
    ("verdict", "text"),
    ("growth", "number"),
    ("interval", "number"),
    ("margin", "number"),
    ("left", "number"),
)
TRAILING_COLUMNS = (
    ("peak", "number"),
    ("bound", "number"),
    ("lingers", "number"),
    ("why", "text"),
)


@dataclass(frozen=True)
class Picture:
    """A drawn chart: its anchor on the page, its title, its width in CSS pixels, and the SVG."""

    anchor: str
    title: str
    width: int
    svg: Markup


def write_html(charts: Charts, out: Path) -> list[Path]:
    """Write ``report.html``."""
    file = out / "report.html"
    write_file(file, render_html(charts, say_path(out)))
    return [file]


def say_path(out: Path) -> str:
    """Return the run's directory as one would type it where the report was made."""
    here = Path.cwd()
    return str(out.relative_to(here)) if out.is_relative_to(here) else str(out)


def render_html(charts: Charts, run_path: str) -> str:
    """Return the page."""
    run, verdict, groups = charts.run, charts.verdict, charts.groups
    page = page_environment().get_template("page.html.j2")
    return page.render(
        run=run,
        verdict=verdict,
        header=run.header,
        groups=groups,
        per=say_per(run),
        marks=MARKS,
        counts=count_by_verdict(verdict.findings),
        parts=list_parts(verdict.account) if verdict.account else [],
        run_path=run_path,
        css=Markup(style_sheet()),  # noqa: S704  # our own file and colours
        **_words(run, verdict, run_path),
        **_pictures_and_tables(charts),
        **_script(),
    )


def _words(run: Run, verdict: Verdict, run_path: str) -> dict[str, Any]:
    """Return what the page says in sentences."""
    return {
        "headline": say_headline(run, verdict),
        "advice": advise(run, verdict),
        "facts": fact_list(verdict),
        "sentences": sentence_list(verdict),
        "details": detail_lists(run, verdict),
        "next": say_next(run, verdict, run_path),
        "repeat": say_repeat(run.header),
    }


def _pictures_and_tables(charts: Charts) -> dict[str, Any]:
    """Return what the page shows: the charts, the cards of all metrics with their series, and the flame graph."""
    run, verdict, timeline = charts.run, charts.verdict, charts.timeline
    pictures = [draw_picture(chart) for chart in charts.for_page]
    cards = make_cards(verdict.findings, charts.groups)
    stayed = find_stayed(run, verdict)
    pids = list_processes(verdict.findings)
    return {
        "sections": _sections(verdict, pictures, has_flames=bool(stayed)),
        "cards": cards,
        "kinds": count_kinds(verdict.findings),
        "series": Markup(encode_series([card.finding for card in cards], timeline)),  # noqa: S704  # has no tag in it
        "stayed": stayed,
        "flames": Markup(encode_flame(stayed, verdict, timeline.per)),  # noqa: S704  # has no tag in it
        "pictures": _draw_causes(charts.groups.causes, timeline),
        "overviews": [draw_picture(chart) for chart in charts.overviews],
        "charts": pictures,
        "columns": (*LEADING_COLUMNS, *((f"pid {pid}", "number") for pid in pids), *TRAILING_COLUMNS),
        "pids": pids,
    }


def _script() -> dict[str, str]:
    """Return the page's script, and the hash by which alone it may run."""
    script = f'"use strict";\n{make_script()}'
    digest = hashlib.sha256(script.encode()).digest()
    return {"script": Markup(script), "script_hash": base64.b64encode(digest).decode()}  # noqa: S704  # our own file


def _draw_causes(causes: Sequence[Finding], timeline: Timeline) -> dict[str, Picture]:
    """Draw the first causes over time, to stand beside their lines."""
    if not timeline.points:
        return {}
    charts = [
        chart_panel(cause, timeline, f"cause-{at}", CAUSE_WIDTH, draw_over_time)
        for at, cause in enumerate(causes[:MOST_PICTURES])
    ]
    return {cause.metric: draw_picture(chart) for cause, chart in zip(causes, charts, strict=False)}


def make_script() -> str:
    """Return the page's script, put together from its files."""
    return "\n".join(page_environment().get_template(name).render() for name in SCRIPTS)


def draw_picture(chart: Chart) -> Picture:
    """Draw a chart for the page, and say in words what it shows."""
    label = f'<svg role="img" aria-label="{escape(chart.description)}"'
    svg = chart.svg.replace("<svg", label, 1).replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "", 1)
    svg = svg.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    return Picture(chart.name, chart.title, chart.width, Markup(svg))  # noqa: S704  # matplotlib escapes its texts


def _sections(verdict: Verdict, charts: Sequence[Picture], *, has_flames: bool) -> Iterator[tuple[str, str]]:
    yield "do", "What to do"
    if verdict.findings:
        yield "metrics", "Metrics"
    for chart in charts:
        yield chart.anchor, chart.title
        if chart.anchor == "lines" and has_flames:
            yield "flame", "Flame graph"
    if verdict.findings:
        yield "findings", "Findings"
    yield "run", "The run"


def style_sheet() -> str:
    """Return the pages' style sheet, light and dark."""
    return (
        page_environment()
        .get_template("page.css")
        .render(
            light=_declare(LIGHT),
            dark=_declare(DARK),
            dark_svg=Markup(dark_css()),  # noqa: S704  # our own colours
            font_stack=Markup(FONT_STACK),  # noqa: S704  # our own constant
        )
    )


def _declare(theme: Theme) -> Markup:
    """Return a theme as custom properties; a verdict's colour must not share its class' name."""
    verdicts = ("bounded", "leak", "inconclusive", "invalid")
    names = {role: f"{role}-colour" if role in verdicts else role for role in asdict(theme)}
    return Markup(" ".join(f"--{names[role]}: {colour};" for role, colour in asdict(theme).items()))  # noqa: S704


def breakable(text: str) -> Markup:
    """Return text in which long dotted names and paths may break across lines."""
    return Markup(BREAK_AFTER.sub(r"\1<wbr>", str(escape(text))))  # noqa: S704  # escaped first


def prose(text: str) -> Markup:
    """Return a sentence of ours with what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(breakable(text))))  # noqa: S704  # escaped first


def page_environment() -> Environment:
    """Return what fills the pages' templates: the filters are the wording's functions."""
    environment = Environment(
        loader=PackageLoader("soakproof.report", "page"), autoescape=True, undefined=StrictUndefined, trim_blocks=False
    )
    filters: dict[str, Any] = {
        "amount": numbers.say_amount,
        "breakable": breakable,
        "culprit_name": name_culprit,
        "share": say_share,
        "frame": name_frame,
        "full_name": name_metric_in_full,
        "agreeing_types": agreeing_types,
        "growth": numbers.say_growth,
        "margin": numbers.say_margin,
        "name": name_metric,
        "percent": numbers.say_confidence,
        "prose": prose,
        "reason": say_reason,
        "verdict_reason": say_verdict_reason,
        "warning": say_warning,
        "note": say_note,
        "seconds": numbers.say_seconds,
        "site": say_site,
        "slope": say_slope,
        "slope_interval": say_slope_interval,
        "unit": numbers.say_unit,
        "verdict": say_verdict,
    }
    environment.filters.update(filters)
    return environment

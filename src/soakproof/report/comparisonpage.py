"""``comparison.html``: two runs over each other, as one self-contained page."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from soakproof.compare import Change, Comparison
from soakproof.errors import OutputError
from soakproof.report.charts.overlay import chart_overlay
from soakproof.report.charts.timeline import Timeline
from soakproof.report.comparison import as_run_verdict, cells, choose, main_site
from soakproof.report.files import write_file
from soakproof.report.html import Picture, draw_picture, page_environment, style_sheet
from soakproof.report.marks import MARKS
from soakproof.samples import Run
from soakproof.wording.changes import (
    HEADLINES,
    say_change,
    say_change_reason,
    say_comparison_reason,
    say_peak,
    say_worse,
)

MOST_CHARTS = 12


def write_comparison_page(comparison: Comparison, base: Run, new: Run, out: Path) -> Path:
    """Write ``comparison.html`` into a directory that exists.

    Raises:
        OutputError: it cannot be written.
    """
    file = out / "comparison.html"
    try:
        write_file(file, render_comparison_page(comparison, base, new))
    except OSError as error:
        raise OutputError(f"{file}: {error.strerror}; need a directory that can be written, with room in it") from error
    return file


def render_comparison_page(comparison: Comparison, base: Run, new: Run) -> str:
    """Return the page: the sentence, the changes that matter, their charts, and what was compared with what."""
    shown = choose(comparison.changes)
    environment = page_environment()
    environment.filters.update({"change": say_change, "change_reason": say_change_reason, "main_site": main_site})
    return environment.get_template("comparison.html.j2").render(
        comparison=comparison,
        mark=MARKS[as_run_verdict(comparison.verdict)],
        tone=as_run_verdict(comparison.verdict),
        marks={change.metric: MARKS[as_run_verdict(change.verdict)] for change in shown},
        tones={change.metric: as_run_verdict(change.verdict) for change in shown},
        headline=HEADLINES[comparison.verdict],
        worse=say_worse(comparison),
        reason=say_comparison_reason(comparison),
        peak=say_peak(comparison),
        changes=[(change, list(cells(change))) for change in shown],
        charts=_draw_charts(shown, base, new),
        differing=sorted(
            name
            for name in base.header.target.versions.keys() | new.header.target.versions.keys()
            if base.header.target.versions.get(name) != new.header.target.versions.get(name)
        ),
        base=base.header,
        new=new.header,
        css=Markup(style_sheet()),  # noqa: S704  # our own file and colours
    )


def _draw_charts(shown: list[Change], base: Run, new: Run) -> list[tuple[Change, Picture]]:
    before, after = Timeline(base), Timeline(new)
    drawn = enumerate(shown[:MOST_CHARTS])
    return [(change, draw_picture(chart_overlay(change, before, after, f"overlay-{at}"))) for at, change in drawn]

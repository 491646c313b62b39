"""Reports: one file per format, each a function of a run and its verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from soakproof.errors import OutputError, UsageError
from soakproof.judge.verdict import Verdict
from soakproof.report.annotations import annotate_comparison, annotate_verdict
from soakproof.report.charts import Charts, write_png, write_svg
from soakproof.report.comparison import render_comparison, write_comparison
from soakproof.report.comparisonpage import write_comparison_page
from soakproof.report.flamefiles import write_collapsed, write_pprof, write_speedscope
from soakproof.report.html import write_html
from soakproof.report.junit import write_junit
from soakproof.report.markdown import write_markdown
from soakproof.report.sarif import write_sarif
from soakproof.report.text import render_text
from soakproof.report.verdict_json import write_verdict_json
from soakproof.report.verification import render_verification, write_verification
from soakproof.samples import Run

__all__ = [
    "FORMATS",
    "PRINTED",
    "annotate_comparison",
    "annotate_verdict",
    "render_comparison",
    "render_text",
    "render_verification",
    "write_comparison",
    "write_comparison_page",
    "write_reports",
    "write_verification",
]

Writer = Callable[[Run, Verdict, Path], list[Path]]

WRITERS: dict[str, Writer] = {
    "json": write_verdict_json,
    "md": write_markdown,
    "junit": write_junit,
    "sarif": write_sarif,
    "speedscope": write_speedscope,
    "collapsed": write_collapsed,
    "pprof": write_pprof,
}
DRAWERS: dict[str, Callable[[Charts, Path], list[Path]]] = {"html": write_html, "svg": write_svg, "png": write_png}
FILES = (*WRITERS, *DRAWERS)
FORMATS = ("text", *FILES)  # those of a run; `github` has to be asked for
PRINTED = ("text", "github")


def write_reports(run: Run, verdict: Verdict, out: Path, formats: Iterable[str] = FILES) -> list[Path]:
    """Write the reports asked for.

    Args:
        run: The run, for what charts and facts need besides the verdict.
        verdict: What `soakproof.judge.judge_run` made of it.
        out: The directory; it is made, and files of earlier reports in it are written over.
        formats: Some of ``json``, ``md``, ``junit``, ``sarif``, ``speedscope``, ``collapsed``, ``pprof``, ``html``,
            ``svg``, ``png``; all by default. (``text`` and ``github`` are printed: `render_text`,
            `annotate_verdict`.)

    Returns:
        The files, in the order of writing: the shortest first, so that a run that is ended meanwhile has its verdict.

    Raises:
        UsageError: A format is unknown.
        OutputError: A file cannot be written.
    """
    wanted = set(formats)
    if unknown := wanted - set(FILES):
        raise UsageError(f"report format {', '.join(sorted(unknown))}: need some of {', '.join(FILES)}")
    try:
        out.mkdir(parents=True, exist_ok=True)
        charts = Charts(run, verdict)
        return [
            *(file for name, write in WRITERS.items() if name in wanted for file in write(run, verdict, out)),
            *(file for name, draw in DRAWERS.items() if name in wanted for file in draw(charts, out)),
        ]
    except OSError as error:
        need = "need a directory that can be written, with room in it"
        raise OutputError(f"{error.filename or out}: {error.strerror}; {need}") from error

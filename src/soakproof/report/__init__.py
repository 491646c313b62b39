"""Reports: one file per format, each a function of a run and its verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from soakproof.errors import OutputError, UsageError
from soakproof.judge.verdict import Verdict
from soakproof.report.charts import write_png, write_svg
from soakproof.report.comparison import render_comparison, write_comparison
from soakproof.report.html import write_html
from soakproof.report.junit import write_junit
from soakproof.report.markdown import write_markdown
from soakproof.report.text import render_text
from soakproof.report.verdict_json import write_verdict_json
from soakproof.report.verification import render_verification, write_verification
from soakproof.samples import Run

__all__ = [
    "FORMATS",
    "render_comparison",
    "render_text",
    "render_verification",
    "write_comparison",
    "write_reports",
    "write_verification",
]

Writer = Callable[[Run, Verdict, Path], list[Path]]

WRITERS: dict[str, Writer] = {
    "json": write_verdict_json,
    "md": write_markdown,
    "junit": write_junit,
    "html": write_html,
    "svg": write_svg,
    "png": write_png,
}
FORMATS = ("text", *WRITERS)


def write_reports(run: Run, verdict: Verdict, out: Path, formats: Iterable[str] = tuple(WRITERS)) -> list[Path]:
    """Write the reports asked for.

    Args:
        run: The run, for what charts and facts need besides the verdict.
        verdict: What `soakproof.judge.judge_run` made of it.
        out: The directory; it is made, and files of earlier reports in it are written over.
        formats: Some of ``json``, ``md``, ``junit``, ``html``, ``svg``, ``png``; all by default. (``text`` is
            `render_text`'s, to a terminal.)

    Returns:
        The files, in the order of writing: the shortest first, so that a run that is ended meanwhile has its verdict.

    Raises:
        UsageError: A format is unknown.
        OutputError: A file cannot be written.
    """
    wanted = set(formats)
    if unknown := wanted - set(WRITERS):
        raise UsageError(f"report format {', '.join(sorted(unknown))}: need some of {', '.join(WRITERS)}")
    try:
        out.mkdir(parents=True, exist_ok=True)
        return [file for name, write in WRITERS.items() if name in wanted for file in write(run, verdict, out)]
    except OSError as error:
        need = "need a directory that can be written, with room in it"
        raise OutputError(f"{error.filename or out}: {error.strerror}; {need}") from error

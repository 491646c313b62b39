"""What commands print, and the reports that they write."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, cast

from rich.console import Console

from soakproof.commands.streams import LastingStream
from soakproof.judge.verdict import Verdict
from soakproof.report import FORMATS, PRINTED, annotate_verdict, render_text, write_reports
from soakproof.run.stopping import kept_when_interrupted
from soakproof.samples import Run
from soakproof.wording.mends import say_verify

LOG_WIDTH = 120
console = Console(file=cast(IO[str], LastingStream("stdout")), width=None if sys.stdout.isatty() else LOG_WIDTH)
errors = Console(file=cast(IO[str], LastingStream("stderr")))


def publish(run: Run, verdict: Verdict, out: Path, formats: tuple[str, ...] = FORMATS) -> None:
    """Print the verdict, which no full disk can keep from the user, and write the reports."""
    if "text" in formats:
        render_text(run, verdict, console)
    with kept_when_interrupted(out):
        written = write_reports(run, verdict, out, [name for name in formats if name not in PRINTED])
    if "github" in formats:
        annotate(annotate_verdict(run, verdict))
    console.print(
        f"\nreports: {out}" + (f"  (open {out / 'report.html'})" if "html" in formats else ""), soft_wrap=True
    )
    command = (run.header.options or {}).get("command")
    if verdict.verdict == "leak" and command:
        console.print(f"once it is mended: {say_verify(out, command)}", soft_wrap=True, markup=False)
    assert written or set(formats) <= set(PRINTED)


def annotate(lines: list[str]) -> None:
    """Print workflow commands, which have to begin a line and are read by a program."""
    for line in lines:
        console.print(line, soft_wrap=True, markup=False, highlight=False, emoji=False)

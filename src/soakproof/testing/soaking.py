"""A soak in a process of its own, and what came of it."""

from __future__ import annotations

import io
import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from soakproof.testing.applications import environment
from soakproof.testing.marks import to_words
from soakproof.testing.slots import slot

REPORTS = "json,md,junit,html"
LAST_LINES = 8
WIDTH = 120


class NotBoundedError(AssertionError):
    """The soak ended red: a leak, undecided, or invalid."""


class Soaked(msgspec.Struct, frozen=True):
    """A soak that was made: where its files are, what ``verdict.json`` says, and the command that makes it again."""

    out: Path
    verdict: dict[str, Any]
    command: list[str]

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The judgement of each metric, leaks first."""
        return list(self.verdict["findings"])


def soak_command(command: list[str], options: Mapping[str, Any], out: Path, directory: Path) -> Soaked:
    """Soak a command as ``soakproof run`` does, in a process of its own; return what came of it.

    Args:
        command: What starts the server, ``{port}`` in it.
        options: Those of ``soakproof run``, checked.
        out: Where the run is kept.
        directory: Where it is started.

    Raises:
        NotBoundedError: its exit code is not 0; the message names the culprit, its line, its chain and its growth.
    """
    __tracebackhide__ = True
    words = [*to_words(options), "--", *command]
    called = [sys.executable, "-m", "soakproof", "run", "--out", str(out), "--format", REPORTS, *words]
    with slot():
        code, printed = _run(called, directory)
    again = ["soakproof", "run", *words]
    verdict_file = out / "verdict.json"
    if not verdict_file.exists():
        raise NotBoundedError(
            f"exit code {code}, and nothing was measured\n{_last(printed)}{_last_of(out / 'target.log')}"
        )
    soaked = Soaked(out, json.loads(verdict_file.read_text()), again)
    if code:
        raise NotBoundedError(_say(soaked))
    return soaked


def _run(called: list[str], directory: Path) -> tuple[int, str]:
    """Run it to its end; where the test is interrupted, it is too, so that no server stays behind."""
    process = subprocess.Popen(  # noqa: S603  # our own module, and a command that the test gave
        called, cwd=directory, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        printed, _ = process.communicate()
    except BaseException:  # also a timeout of the test's, whatever raises it
        process.send_signal(signal.SIGTERM)
        process.wait()
        raise
    return process.returncode, printed


def _say(soaked: Soaked) -> str:
    """Return the verdict, its culprits, and where to read on."""
    from rich.console import Console

    from soakproof.judge import judge_run
    from soakproof.report.text import render_culprits
    from soakproof.thinning import load_thin_run

    run = load_thin_run(soaked.out)
    text = io.StringIO()
    render_culprits(run, judge_run(run), Console(file=text, width=WIDTH, force_terminal=False))
    said = "\n".join(line.rstrip() for line in text.getvalue().strip().splitlines())
    if soaked.verdict["verdict"] == "invalid":
        said += f"\n{_last_of(soaked.out / 'target.log')}"
    again = shlex.join(soaked.command)
    return f"{said}\n  report   {soaked.out / 'report.html'}\n  again    {again}"


def _last(printed: str) -> str:
    return "\n".join(f"  {line}" for line in printed.strip().splitlines()[-LAST_LINES:])


def _last_of(log: Path) -> str:
    """Return the last lines of what the target printed."""
    text = log.read_text(errors="replace").strip() if log.exists() else ""
    return f"\n  target.log ends:\n{_last(text)}" if text else ""

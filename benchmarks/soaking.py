"""soakproof as its users run it: by the command line, in a process of its own. For tests and benchmarks alike."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST_S = 540.0
SHORT = ("--clients", "100", "--waves", "7", "--steady", "0", "--drain", "2")
READ = ("--format", "text,json")  # for who looks at no page and no picture: drawing them costs as much as judging


@dataclass(frozen=True)
class Said:
    """How a command of soakproof ended: its exit code, all that it printed, and how many seconds it took."""

    exit_code: int
    printed: str
    seconds: float


@dataclass(frozen=True)
class Soaked(Said):
    """How a soak ended: also what ``verdict.json`` says, empty where none was written."""

    verdict: dict[str, Any]


def soakproof(
    *arguments: object,
    directory: Path | None = None,
    variables: Mapping[str, str] | None = None,
    longest_s: float = LONGEST_S,
) -> Said:
    """Run a command of soakproof in a directory, with further environment variables.

    One that takes too long is interrupted, so that it ends the server it started.
    """
    started_s = time.monotonic()
    process = subprocess.Popen(  # noqa: S603  # soakproof itself
        [sys.executable, "-m", "soakproof", *map(str, arguments)],
        cwd=directory,
        env=_environment(variables or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        printed, _ = process.communicate(timeout=longest_s)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate()
    return Said(process.returncode, printed, time.monotonic() - started_s)


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return ours with these in it; that pytest runs is not the server's concern, and NiceGUI would serve otherwise."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    return {**ours, **variables}


def soak(
    out: Path,
    options: Sequence[object],
    server: Sequence[object],
    *,
    directory: Path | None = None,
    variables: Mapping[str, str] | None = None,
    longest_s: float = LONGEST_S,
) -> Soaked:
    """Soak what a command starts, or with no command what the options attach to; its files are in ``out``."""
    command = ["--", *server] if server else []
    said = soakproof(
        "run", "--out", out, *options, *command, directory=directory, variables=variables, longest_s=longest_s
    )
    file = (directory or Path()) / out / "verdict.json"
    verdict = json.loads(file.read_text()) if file.exists() else {}
    return Soaked(said.exit_code, said.printed, said.seconds, verdict)

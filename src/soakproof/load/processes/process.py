"""A load's process: started in a group of its own, its output in a log, ended without a trace."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from soakproof import logends

LAST_LINES = 5
KILL_AFTER_S = 1.0  # of two seconds: the target ends when its clients have


def launch(command: Sequence[str], log: Path, **options: Any) -> subprocess.Popen[bytes]:
    """Start a command as the leader of a process group, so that Ctrl-C reaches the conductor alone."""
    with log.open("ab") as stream:
        streams: dict[str, Any] = {"stdout": stream, "stderr": stream, **options}
        return subprocess.Popen(command, start_new_session=True, **streams)  # noqa: S603  # the user's command, or ours


def launch_shell(command: str, log: Path, **options: Any) -> subprocess.Popen[bytes]:
    """Start a line of the shell's language likewise."""
    return launch(["/bin/sh", "-c", command], log, **options)


def fill_in(command: str, **fields: object) -> str:
    """Return the command with its ``{names}`` filled in; other braces are the command's own."""
    for name, value in fields.items():
        command = command.replace("{" + name + "}", str(value))
    return command


def end(process: subprocess.Popen[bytes], seconds: float = KILL_AFTER_S) -> None:
    """Wait for a process that was asked to end, so many seconds at most; then kill what is left of its group."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    kill_group(process)
    process.wait()


def kill_group(process: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> None:
    """Signal the process and its children; harmless when they are gone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def last_lines(log: Path) -> str:
    """Return the last lines of a log, for an error's sentence."""
    return " | ".join(logends.last_lines(log, LAST_LINES)) or "(it said nothing)"

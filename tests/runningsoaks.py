"""A soak that is under way: what it has recorded so far, which processes it has started, and how it ended."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

MARK = "SOAKPROOF_FAULT_TEST"
APPS = Path(__file__).parent / "apps"
CHAT = [sys.executable, "-m", "uvicorn", "held_chat:app", "--app-dir", str(APPS), "--port", "{port}"]
BRIEF = ["--waves=4", "--warmup=1", "--max-waves=4", "--steady=0", "--drain=0", "--trace=never", "--clients=20"]
TELLING = ['--join=tell={"room": "lobby"}']  # without an event of its own, none of the chat's lines would run
T = TypeVar("T")


def wait_until(find: Callable[[], T], seconds: float = 100.0) -> T:
    """Return what is found, once it is true."""
    deadline_s = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline_s, f"not so within {seconds} s"
        time.sleep(0.05)
    return found


class RunningSoak:
    """``soakproof run`` in a directory; what it prints is in ``said.txt``, its files are in ``out``."""

    def __init__(self, directory: Path, out: str, process: subprocess.Popen[bytes], mark: str) -> None:
        self.directory = directory
        self.out = directory / out
        self.process = process
        self.mark = f"{MARK}={mark}".encode()

    @property
    def said(self) -> str:
        """All that it has printed, in one line."""
        return " ".join((self.directory / "said.txt").read_text().split())

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Return the records of one kind that are whole so far."""
        file = self.out / "run.jsonl"
        lines = file.read_bytes().splitlines(keepends=True) if file.exists() else []
        records = [json.loads(line) for line in lines if line.endswith(b"\n")]
        return [record for record in records if record["record"] == kind]

    def waves(self) -> int:
        """Return how many waves are over."""
        return len(self.records("wave"))

    def clients(self) -> int:
        """Return how many clients were connected at once at most, as far as readings show."""
        return max((int(sample.get("clients", 0)) for sample in self.records("sample")), default=0)

    def started(self) -> list[int]:
        """Return all processes that live and that it has started, itself excepted."""
        return [pid for pid in living_with(self.mark) if pid != self.process.pid]

    def target(self) -> int:
        """Return the process that serves, as the run's header says."""
        pids: list[int] = wait_until(lambda: self.records("header"))[0]["target"]["pids"]
        return pids[0]

    def end(self, seconds: float = 100.0) -> int:
        """Wait for its end and return its exit code; a traceback, or a process that it leaves, fails the test."""
        code = self.process.wait(seconds)
        assert "Traceback" not in self.said, self.said
        assert not self.started(), [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in self.started()]
        return code

    def verdict(self) -> dict[str, Any]:
        """Return what ``verdict.json`` says."""
        read: dict[str, Any] = json.loads((self.out / "verdict.json").read_text())
        return read


def living_with(variable: bytes) -> list[int]:
    """Return the processes that live and have a variable in their environment."""
    found = []
    for directory in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            is_dead = (directory / "stat").read_text("latin-1").rpartition(")")[2].split()[0] in "ZX"
            if not is_dead and variable in (directory / "environ").read_bytes().split(b"\0"):
                found.append(int(directory.name))
    return found


@contextlib.contextmanager
def running_soak(
    directory: Path,
    *options: object,
    server: Sequence[object] = CHAT,
    stdout: int | IO[bytes] | None = None,
    out: str = "out",
) -> Iterator[RunningSoak]:
    """Start a soak in a session of its own; whatever it has started is killed at the end of the block."""
    mark = secrets.token_hex(8)
    command = [sys.executable, "-m", "soakproof", "run", "--out", out, *options, *(["--", *server] if server else [])]
    with (directory / "said.txt").open("wb") as log:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=directory,
            stdout=log if stdout is None else stdout,
            stderr=log,
            env={**os.environ, MARK: mark},
            start_new_session=True,
        )
    soak = RunningSoak(directory, out, process, mark)
    try:
        yield soak
    finally:
        process.kill()
        process.wait()
        for pid in soak.started():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

"""Servers for observer.py: one of uvicorn with observer_app in it, with or without something that observes it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from soakproof.target.inject import environment
from soakproof.target.link import AgentLink
from soakproof.target.started import find_free_port, is_listening

HERE = Path(__file__).parent
MEMRAY_IS_HERE = importlib.util.find_spec("memray") is not None
READY_S = 60.0
CORES = sorted(os.sched_getaffinity(0))
OTHER_CORES = CORES[1:] or CORES
UNDER_MEMRAY = "import memray, sys, uvicorn\nwith memray.Tracker(sys.argv.pop(1)): uvicorn.main()"


class Server:
    """A running server: its process, URL, and the directory of its agent's socket."""

    def __init__(self, observer: str, directory: Path, live_objects: int) -> None:
        port = find_free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._directory = directory
        variables = {**os.environ, "LIVE_OBJECTS": str(live_objects), "PYTHONHASHSEED": "0"}
        if observer.startswith("agent"):
            variables = environment(directory, variables)
        if observer == "tracemalloc":
            variables["PYTHONTRACEMALLOC"] = "1"
        program = ["-c", UNDER_MEMRAY, str(directory / "memray.bin")] if observer == "memray" else ["-m", "uvicorn"]
        command = [sys.executable, *program, "--log-level", "warning", "--port", str(port), "observer_app:app"]
        self.process = subprocess.Popen(command, cwd=HERE, env=variables)  # noqa: S603  # ours
        os.sched_setaffinity(self.process.pid, CORES[:1])
        deadline_s = time.monotonic() + READY_S
        while not is_listening(self.url):
            if time.monotonic() > deadline_s or self.process.poll() is not None:
                sys.exit(f"the server did not listen within {READY_S:g} s")
            time.sleep(0.05)

    def link(self) -> AgentLink:
        """Return a connection to its agent."""
        return AgentLink(self._directory / f"{self.process.pid}.sock")

    def cpu_s(self) -> float:
        """Return the CPU seconds that all its threads have used (schedstat counts nanoseconds, and ticks do not)."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def uss_bytes(self) -> int:
        """Return the bytes that are this process's alone."""
        return int(psutil.Process(self.process.pid).memory_full_info().uss)

    def lateness_s(self) -> tuple[float, float]:
        """Return by how much its event loop came late since this was last asked: at most, and in the median."""
        most, median = map(float, self._ask("lateness").split())
        return most, median

    def collect(self) -> None:
        """Have it collect garbage."""
        self._ask("collect")

    def _ask(self, what: str) -> bytes:
        with urllib.request.urlopen(f"{self.url}/{what}") as answer:  # noqa: S310  # our own server
            body: bytes = answer.read()
        return body


@contextmanager
def serve(observer: str, live_objects: int = 0) -> Iterator[Server]:
    """Run a server, new, and end it."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        Path(directory).chmod(0o700)
        server = Server(observer, Path(directory), live_objects)
        try:
            yield server
        finally:
            server.process.kill()
            server.process.wait()

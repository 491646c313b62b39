"""Starts programs with the agent in them, and asks it: the smallest client that its protocol allows."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from soakproof.target.inject import environment

APPS = Path(__file__).resolve().parents[2] / "apps"
PATIENCE_S = 60.0


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """Return the first true value of a condition."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not (value := condition()):
        assert time.monotonic() < deadline_s, f"waited {PATIENCE_S} s for {what}"
        time.sleep(0.01)
    return value


class Agent:
    """A connection to the agent of one process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE_S)
        try:
            wait_for(lambda: path.exists() and self.socket.connect_ex(str(path)) == 0, f"an agent at {path}")
        except AssertionError:
            self.socket.close()
            raise
        self._stream = self.socket.makefile("rwb")

    def send(self, line: bytes) -> dict[str, Any]:
        """Send a line as it is and return the answer, whatever it says."""
        self._stream.write(line + b"\n")
        self._stream.flush()
        return json.loads(self._stream.readline())

    def ask(self, op: str, **fields: Any) -> dict[str, Any]:
        """Return the answer to a request that must succeed."""
        answer = self.send(json.dumps({"op": op, **fields}).encode())
        assert answer["ok"], answer
        return answer

    def explain(self, metric: str, owner: str | None, among: list[str] | None = None) -> dict[str, Any]:
        """Return what the agent tells about one metric, and whether it is kept in containers among these."""
        [told] = self.ask("explain", subjects=[[metric, owner]], among=among or [])["answers"]
        return told

    def explain_traced(self, metric: str, *work: Callable[[], object]) -> dict[str, Any]:
        """Return what the agent tells about a metric of what was done after the mark: the last of the work."""
        self.ask("trace_start", frames=8)
        for each in work[:-1]:
            each()
        self.ask("trace_mark")
        work[-1]()
        told = self.explain(metric, None)
        self.ask("trace_stop")
        return told

    def census(self, **fields: Any) -> dict[str, Any]:
        """Return a census after a collection."""
        return self.ask("census", collect=True, trim=True, **fields)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()
        self.socket.close()


class Target:
    """A running program, and the directory of the sockets of its agents."""

    def __init__(self, process: subprocess.Popen[str], directory: Path) -> None:
        self.process = process
        self.directory = directory
        self._agents: dict[int, Agent] = {}

    def agent(self, pid: int | None = None) -> Agent:
        """Return the connection to the agent of a process, the first one by default."""
        pid = pid or self.process.pid
        if pid not in self._agents:
            self._agents[pid] = Agent(self.directory / f"{pid}.sock")
        return self._agents[pid]

    def pids(self) -> list[int]:
        """Return the processes whose agents have a socket."""
        return sorted(int(path.stem) for path in self.directory.glob("*.sock"))

    def serving(self) -> Agent:
        """Return the agent of the process in which an Engine.IO server lives."""

        def find() -> Agent | None:
            for pid in self.pids():
                try:
                    agent = self.agent(pid)
                    if agent.ask("hello")["is_serving"]:
                        return agent
                except (AssertionError, json.JSONDecodeError):  # a process that was about to end, or to fork
                    if given_up := self._agents.pop(pid, None):
                        given_up.close()
            return None

        found = wait_for(find, "a serving process")
        assert isinstance(found, Agent)
        return found

    def tell(self, line: str) -> str:
        """Write a line to the program and return what it prints in answer."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def close(self) -> None:
        """End the program and the connections."""
        for agent in self._agents.values():
            agent.close()
        self.process.terminate()
        try:
            self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()


@contextmanager
def running(command: list[str], directory: Path, **variables: str) -> Iterator[Target]:
    """Run a command of which every Python process carries the agent."""
    base = {name: value for name, value in os.environ.items() if not name.startswith("COV_")}
    process = subprocess.Popen(
        command,
        env=environment(directory, {**base, "SOAKPROOF_AGENT_DEBUG": "1", **variables}),
        cwd=APPS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    target = Target(process, directory)
    try:
        yield target
    finally:
        target.close()


@contextmanager
def ready(app: str, directory: Path) -> Iterator[Target]:
    """Run one of the tests' apps that says so when it is ready."""
    with running([sys.executable, app], directory) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        yield target


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""The target: start the server's process tree with the agent inside, await it, stop it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psutil

from soakproof.errors import ConfigError, TargetError
from soakproof.logends import last_lines
from soakproof.serverurl import parse_url
from soakproof.target.directory import AgentDirectory
from soakproof.target.fakeclock import TargetClock
from soakproof.target.inject import environment
from soakproof.target.link import AgentLink
from soakproof.target.listening import Listener, choose_listener, find_listeners

POLL_S = 0.05
SERVING_GRACE_S = 5.0
COMPANY_S = 1.0
DETACHING_S = 5.0
STOP_TIMEOUT_S = 5.0
HURRIED_STOP_S = 0.5  # after the load, which takes a second at most
LOG_TAIL_LINES = 12
NO_AGENT = (
    "listens, but no agent answered: is it Python, without -I, -E and -S, and with PYTHONPATH and SOAKPROOF_AGENT_DIR "
    "left in its environment? Else have it call soakproof.agent.start() and use --attach; it listens"
)


class Target(Protocol):
    """A server under test, with an agent in each of its Python processes."""

    url: str
    command: list[str]

    @property
    def log(self) -> Path | None:
        """What it printed; None where that goes elsewhere."""

    def start(self) -> None:
        """Start it and wait until it listens and its agents answer. Raises TargetError, ConfigError."""

    def links(self) -> list[AgentLink]:
        """Return the agents of the processes that serve, new workers included."""

    def check_alive(self) -> None:
        """Raise TargetError when it has died."""

    def hurry(self) -> None:
        """Begin to end, and be quick when it is to be stopped: somebody interrupts, and waits."""

    def stop(self) -> None:
        """End what was started; harmless when called twice."""


def find_free_port() -> int:
    """Return a TCP port of the loopback interface that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fill_port(text: str, port: int) -> str:
    """Put the port in place of ``{port}``."""
    return text.replace("{port}", str(port))


def is_listening(url: str) -> bool:
    """Whether something accepts TCP connections at the URL."""
    try:
        socket.create_connection(parse_url(url).address, timeout=1).close()
    except OSError:
        return False
    return True


class StartedTarget:
    """A target that soakproof starts by a command, in a process group of its own; its ``clock`` may be moved."""

    def __init__(
        self, command: list[str], url: str, log: Path, ready_timeout_s: float, clock: TargetClock | None = None
    ) -> None:
        port = find_free_port()
        self._is_searched = "{port}" in url and not any("{port}" in word for word in command)
        self.command = [fill_port(word, port) for word in command]
        self.url = fill_port(url, port)
        self.log = log
        self.ready_timeout_s = ready_timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._ended_s = 0.0
        self._patience_s = STOP_TIMEOUT_S
        self._agents = AgentDirectory()
        self._clock = clock

    def start(self) -> None:
        """Start the command and wait until it listens and an agent says that it serves."""
        if not self._is_searched and is_listening(self.url):
            raise TargetError(
                f"{self.url}: something is listening there already; stop it, or let soakproof choose a free port by "
                "writing {port} in the command"
            )
        self._process = self._spawn()
        self._await(self._is_listening, "did not listen")
        self._await(lambda: bool(self._agents.links() or self._agents.failures()), NO_AGENT)
        if not self._agents.links():
            raise TargetError(f"the target listens, but its agent did not start: {'; '.join(self._agents.failures())}")
        self._await_serving()
        if self._is_searched:
            self.url = choose_listener(self._find_listeners()).url
        if self._clock is not None:
            self._clock.calibrate(self._awaken)

    def links(self) -> list[AgentLink]:
        """Return the agents of the processes that hold an Engine.IO server; all of them when none does."""
        return self._agents.serving()

    def check_alive(self) -> None:
        """Raise TargetError, with the end of its log, when the command has ended and left no server behind."""
        code = self._process.poll() if self._process else None
        if code is not None and not (code == 0 and self._has_detached()):
            raise TargetError(f"the target ended by itself, {describe_exit(code)}; its log ends:\n{self.log_tail()}")

    def _awaken(self, every_s: float | None) -> list[float]:
        """Wake the sleeping threads of all processes, those that do not serve too; return what time it is to each."""
        return [float(link.request("awaken", every_s=every_s)["time_s"]) for link in self._agents.links()]

    def _has_detached(self) -> bool:
        """Whether the command has left a server in the background, as daemons do; that takes it a moment."""
        self._ended_s = self._ended_s or time.monotonic()
        return bool(self._agents.links()) or time.monotonic() - self._ended_s < DETACHING_S

    def hurry(self) -> None:
        """Have it begin to end while the load does, and leave it no more than two seconds in all."""
        self._patience_s = HURRIED_STOP_S
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGTERM)

    def stop(self) -> None:
        """Ask the whole process tree to end, then make it; what has detached from it too."""
        if self._process is not None:
            pids = [self._process.pid, *self._agents.pids()]
            stop_tree(self._process, self._agents.pids(), self._patience_s)
            self._process = None
            if self._clock is not None:
                self._clock.remove(pids)
        self._agents.remove()

    def log_tail(self) -> str:
        """Return the last lines of what the target printed, indented."""
        return "\n".join(f"    {line}" for line in last_lines(self.log, LOG_TAIL_LINES)) or "    (it printed nothing)"

    def _spawn(self) -> subprocess.Popen[bytes]:
        try:
            with self.log.open("wb") as log:
                return subprocess.Popen(  # noqa: S603  # running the user's command is the purpose
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self._environment(),
                    start_new_session=True,
                )
        except FileNotFoundError as error:
            raise ConfigError(
                f"{self.command[0]}: no such command; need the command that starts your server"
            ) from error
        except OSError as error:
            raise ConfigError(f"{self.command[0]}: cannot be started: {error.strerror}") from error

    def _environment(self) -> dict[str, str]:
        carried = environment(self._agents.path, os.environ)
        return carried if self._clock is None else self._clock.environment(carried)

    def _is_listening(self) -> bool:
        return bool(self._find_listeners()) if self._is_searched else is_listening(self.url)

    def _find_listeners(self) -> list[Listener]:
        """Return where its processes listen; those with an agent, if they do, since others only stand in front."""
        assert self._process is not None, "start() comes first"
        return find_listeners(_find(self._agents.pids())) or find_listeners(_tree(self._process.pid))

    def _await(self, is_ready: Callable[[], bool], what: str) -> None:
        for _ in poll_until(self.ready_timeout_s):
            self.check_alive()
            if is_ready():
                return
        where = "any port" if self._is_searched else self.url
        raise TargetError(
            f"the target {what} at {where} within {self.ready_timeout_s:g} s (--ready-timeout); "
            f"its log ends:\n{self.log_tail()}"
        )

    def _await_serving(self) -> None:
        """Give servers that import their application late the time to make their Engine.IO servers.

        Where there are several processes, workers come one after the other: wait until no more do.
        """
        pids: set[int] = set()
        since_s = time.monotonic()
        for _ in poll_until(SERVING_GRACE_S):
            serving = {link.pid for link in self.links() if link.is_serving}
            if serving != pids:
                pids, since_s = serving, time.monotonic()
            if pids and (len(self._agents.links()) == 1 or time.monotonic() - since_s > COMPANY_S):
                return


def poll_until(timeout_s: float) -> Iterator[None]:
    """Yield at least once, and again every `POLL_S` until the time is up."""
    deadline = time.monotonic() + timeout_s
    yield
    while time.monotonic() < deadline:
        time.sleep(POLL_S)
        yield


def describe_exit(code: int) -> str:
    """Say an exit code in words: ``killed by SIGKILL`` or ``with exit code 3``."""
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"with exit code {code}"


def stop_tree(
    process: subprocess.Popen[bytes], detached: Iterable[int] = (), patience_s: float = STOP_TIMEOUT_S
) -> None:
    """End a process started with a session of its own, its children, and what has detached: SIGTERM, then SIGKILL."""
    deadline_s = time.monotonic() + patience_s
    children = _children(process.pid)
    strangers = [other for other in _find(detached) if other not in children and other.pid != process.pid]
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    for stranger in strangers:
        with suppress(psutil.NoSuchProcess):
            stranger.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _, alive = psutil.wait_procs([*children, *strangers], timeout=max(deadline_s - time.monotonic(), 0.0))
    for other in alive:
        with suppress(psutil.NoSuchProcess):
            other.kill()
    psutil.wait_procs(alive, timeout=STOP_TIMEOUT_S)


def _tree(pid: int) -> list[psutil.Process]:
    """Return a process and its descendants, if it is there."""
    return [*_find([pid]), *_children(pid)]


def _children(pid: int) -> list[psutil.Process]:
    try:
        children: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return children


def _find(pids: Iterable[int]) -> list[psutil.Process]:
    """Return those of these processes that are there."""
    return [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]

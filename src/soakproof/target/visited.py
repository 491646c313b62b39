"""Attaching to a pid: a running server that nobody prepared, into which the agent comes for the time of the run."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from soakproof.errors import AgentError, ConfigError, TargetError
from soakproof.target import debugger
from soakproof.target.attached import AttachedTarget
from soakproof.target.directory import is_running
from soakproof.target.laying import cancel, lay
from soakproof.target.link import AgentLink
from soakproof.target.listening import Listener, choose_listener, find_listeners
from soakproof.target.runningprocess import BY_HAND, RunningProcess, find_pythons
from soakproof.target.started import COMPANY_S, is_listening, poll_until

ARRIVAL_S = 20.0
LEAVING_S = 10.0
KNOCK_AGAIN_S = 0.5
STOPS = "gdb stops the process for a moment and has it map a page and call one function"


class Visit:
    """The agent on its way into one process: where it was laid, and the link to it once it is there."""

    def __init__(self, process: RunningProcess, *, by_debugger: bool) -> None:
        self.process = process
        self.calls = not by_debugger
        self.link: AgentLink | None = None
        self.directory = debugger.call_in(process) if by_debugger else call_remotely(process)
        self._seen = process.see(self.directory)

    def has_arrived(self) -> bool:
        """Whether the agent is there; connects to it when it comes.

        Raises:
            TargetError: it came, and could not start; or somebody else answers in its place.
        """
        failed, socket = (self._seen / f"{self.process.inner_pid}.{kind}" for kind in ("failed", "sock"))
        if failed.exists():
            raise TargetError(f"pid {self.process.pid}: {failed.read_text()}")
        if self.link is None and socket.exists():
            with suppress(AgentError):  # it is about to listen
                self.link = AgentLink(socket, self.process.pid)
                self._check_peer(self.link)
        return self.link is not None

    def _check_peer(self, link: AgentLink) -> None:
        if link.peer_pid != self.process.pid:
            raise TargetError(f"{link.path}: pid {link.peer_pid} answers there, need pid {self.process.pid}")

    def end(self) -> None:
        """Have the agent leave, as it does with its last connection; where it never came, it is not to come."""
        if self.link is not None:
            self.link.close()
            any(self.has_left() for _ in poll_until(LEAVING_S))
        elif is_running(self.process.pid):
            with suppress(TargetError):
                cancel(self.process, self.directory, calls=self.calls)
        if not is_running(self.process.pid) and not self.process.is_contained:
            shutil.rmtree(self._seen, ignore_errors=True)

    def has_left(self) -> bool:
        """Whether the agent has gone, with its files, or its process has."""
        return not self._seen.exists() or not is_running(self.process.pid)


class VisitedTarget(AttachedTarget):
    """A running server given by the pid of its process, or of the one that supervises its workers."""

    def __init__(self, pid: int, url: str, *, by_debugger: bool) -> None:
        super().__init__(Path(f"/proc/{pid}"), url)
        self.pid = pid
        self.by_debugger = by_debugger
        self._processes: list[RunningProcess] = []
        self._visits: list[Visit] = []

    def _locate(self) -> None:
        """Examine its processes, and find where they listen where that was not said."""
        pythons = find_pythons(self.pid)
        self._processes = [process for process in pythons if listeners_of(process)] or pythons  # no pool, no helper
        if "{port}" in self.url:
            listeners = listeners_of(*self._processes)
            if not listeners:
                raise ConfigError(
                    f"--attach {self.pid}: it listens on no port that is to be seen from here; need --url"
                )
            self.url = choose_listener(listeners).url

    def _connect(self) -> list[AgentLink]:
        """Have the agent come into each of its processes, and return links to those that came."""
        for process in self._processes:
            self._visits.append(Visit(process, by_debugger=self.by_debugger))
        arrived, since_s = 0, time.monotonic()
        for _ in self._knock():
            here = sum([visit.has_arrived() for visit in self._visits])
            if here > arrived:
                arrived, since_s = here, time.monotonic()
            if here == len(self._visits) or (here and time.monotonic() - since_s > COMPANY_S):
                return [visit.link for visit in self._visits if visit.link]
        raise TargetError(
            f"pid {self.pid} came to no point within {ARRIVAL_S:g} s at which it could take the agent in: is its main "
            f"thread blocked, or does {self.url} lead elsewhere? Else {BY_HAND}"
        )

    def _knock(self) -> Iterator[None]:
        """Yield until the agent should be there; an event loop that idles takes it in when somebody connects."""
        knocked_s = 0.0
        for _ in poll_until(ARRIVAL_S):
            yield
            if time.monotonic() - knocked_s > KNOCK_AGAIN_S:
                for _ in self._visits:  # workers that share a port take turns
                    is_listening(self.url)
                knocked_s = time.monotonic()

    def stop(self) -> None:
        """Have the agent leave, and see it gone; the server goes on running as before."""
        super().stop()
        for visit in self._visits:
            visit.end()
        self._visits = []


def listeners_of(*processes: RunningProcess) -> list[Listener]:
    """Return the ports that processes listen on."""
    return find_listeners([psutil.Process(process.pid) for process in processes])


def call_remotely(process: RunningProcess) -> str:
    """Have a process call the agent in by remote execution, and return the directory where it was laid.

    Raises:
        TargetError: it cannot be done.
    """
    answer = lay(process, calls=True)
    if "refusal" in answer:
        version = ".".join(map(str, answer["version"]))
        raise ConfigError(
            f"--attach {process.pid}: it runs Python {version}, and remote execution needs 3.14 (PEP 768); need "
            f"--attach-with gdb ({STOPS}, which a process in an unlucky moment may not survive), or {BY_HAND}"
        )
    directory: str = answer["directory"]
    return directory

"""The directory in which each Python process of a started target has its agent's socket."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

from soakproof.errors import AgentError
from soakproof.orphans.watchdog import AGENTS
from soakproof.target.link import AgentLink
from soakproof.tempplaces import find_temporary_place

LOOK_AGAIN_S = 0.5
NOT_SERVERS = ("multiprocessing.resource_tracker", "multiprocessing.semaphore_tracker", "multiprocessing.forkserver")


class AgentDirectory:
    """A directory that only its owner can enter, and the agents that answer in it; they come and go."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=f"{AGENTS}{os.getpid()}-", dir=find_temporary_place()))
        self._links: dict[Path, AgentLink] = {}
        self._looked_s: dict[Path, float] = {}

    def links(self) -> list[AgentLink]:
        """Return the agents that answer, those of new processes included, and none of processes that have ended."""
        for path in [path for path, link in self._links.items() if not is_running(link.pid)]:
            self._drop(path)
        for path in sorted(self.path.glob("*.sock")):
            if path not in self._links:
                self._connect(path)
        return [link for link in self._links.values() if not is_tracker(link)]

    def serving(self) -> list[AgentLink]:
        """Return the agents of the processes that hold an Engine.IO server; of all when none does.

        A process that loads its application late is asked again, at most every `LOOK_AGAIN_S`.
        """
        links = self.links()
        for path in [path for path, link in self._links.items() if not link.is_serving]:
            self._look_again(path)
        serving = [link for link in links if link.is_serving]
        return serving or [link for link in links if link in self._links.values()]

    def pids(self) -> list[int]:
        """Return the processes whose agents have ever answered, and that still run."""
        return [link.pid for link in self._links.values() if is_running(link.pid)]

    def failures(self) -> list[str]:
        """Return why agents did not start, where they could say so."""
        return sorted({path.read_text() for path in self.path.glob("*.failed")})

    def remove(self) -> None:
        """Close all connections and remove the directory."""
        for path in list(self._links):
            self._drop(path)
        shutil.rmtree(self.path, ignore_errors=True)

    def _connect(self, path: Path) -> None:
        with suppress(AgentError):
            self._links[path] = AgentLink(path, is_own=True)
            self._looked_s[path] = time.monotonic()

    def _look_again(self, path: Path) -> None:
        if time.monotonic() - self._looked_s[path] < LOOK_AGAIN_S:
            return
        self._looked_s[path] = time.monotonic()
        try:
            self._links[path].refresh()
        except AgentError:  # it ended this moment, or began anew under the same path
            self._drop(path)

    def _drop(self, path: Path) -> None:
        self._links.pop(path).close()


def is_running(pid: int) -> bool:
    """Whether a process lives; one that has ended and awaits its parent does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def is_tracker(link: AgentLink) -> bool:
    """Whether a process is one that multiprocessing keeps beside its workers."""
    command = " ".join(str(word) for word in link.hello.get("argv", []))
    return any(name in command for name in NOT_SERVERS)

"""Which of the target's processes serve: those that take clients, and their idle siblings; no supervisor, no pool.

An arbiter that loaded the application before it forked (``gunicorn --preload``, a reloader, ``uvicorn.run(workers=2)``
in a program of one's own) holds an Engine.IO server as its workers do, and so do the workers of a process pool. What
tells them apart is that no client ever reaches them: of relatives, only those that take clients are judged.
"""

from __future__ import annotations

from collections.abc import Callable

import psutil

from soakproof.metrickinds import CLIENTS_METRIC
from soakproof.target.directory import is_running
from soakproof.target.link import AgentLink

LONGEST_COMMAND = 60


class Roster:
    """Chooses among the candidates: the processes in which an Engine.IO server lives."""

    def __init__(self, find_candidates: Callable[[], list[AgentLink]]) -> None:
        self.candidates = find_candidates
        self._first: dict[int, float] = {}
        self._served: set[int] = set()
        self._ancestors: dict[int, frozenset[int]] = {}

    def note(self, pid: int, metrics: dict[str, float]) -> None:
        """Take note of a reading: whose number of clients changes takes clients; what a fork inherits is constant."""
        clients = metrics.get(CLIENTS_METRIC, 0.0)
        if clients != self._first.setdefault(pid, clients):
            self._served.add(pid)

    def links(self) -> list[AgentLink]:
        """Return the agents of the processes that are judged."""
        return [link for link in self.candidates() if self.is_judged(link.pid)]

    def is_judged(self, pid: int) -> bool:
        """Whether a process takes clients, or is no relative of any that does."""
        return pid in self._served or not any(self._are_related(pid, other) for other in self._served)

    def most_serving(self) -> int:
        """Return how many may come to be judged: of a process and those below it, either it takes clients or they."""
        pids = [link.pid for link in self.candidates()]
        return sum(not any(pid in self._ancestors_of(other) for other in pids) for pid in pids)

    def ended(self) -> list[int]:
        """Return the processes that took clients, and have ended since."""
        return sorted(pid for pid in self._served if not is_running(pid))

    def bystanders(self) -> list[str]:
        """Return a sentence on each candidate that is not judged."""
        return [
            f"{say_process(link)} holds the application but takes no client, as supervisors and pools do: not judged"
            for link in self.candidates()
            if not self.is_judged(link.pid)
        ]

    def _are_related(self, pid: int, other: int) -> bool:
        return pid in self._ancestors_of(other) or other in self._ancestors_of(pid)

    def _ancestors_of(self, pid: int) -> frozenset[int]:
        """Return the pids above a process as they were when it was first seen."""
        if pid not in self._ancestors:
            try:
                self._ancestors[pid] = frozenset(parent.pid for parent in psutil.Process(pid).parents())
            except psutil.NoSuchProcess:
                return frozenset()
        return self._ancestors[pid]


def say_process(link: AgentLink) -> str:
    """Return pid and command of a process."""
    command = " ".join(str(word) for word in link.hello.get("argv", []))
    return f"pid {link.pid} ({command[:LONGEST_COMMAND]})" if command else f"pid {link.pid}"

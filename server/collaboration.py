"""The whole domain, put together: registries, services and the cleanup, on a clock and an emitter."""

from __future__ import annotations

from dataclasses import dataclass

from server.audit import AuditTrail
from server.chat import ChatSessions
from server.cleanup import Cleanup, Step
from server.clock import Clock
from server.connections import Connections, Emitter
from server.crawls import Crawls
from server.documents import DocumentStates, StateRegistry
from server.limits import Limits
from server.locks import DocumentLocks, LockRegistry
from server.presence import Presence
from server.progress import BroadcastTimes
from server.services.chatting import Agent, Chatting
from server.services.crawling import Crawler, Crawling
from server.services.editing import Editing
from server.services.lifecycle import Lifecycle
from server.services.locking import Locking
from server.simulated.agent import SimulatedAgent
from server.simulated.crawler import SimulatedCrawler
from server.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Registries:
    """What gains entries because of clients; locks and states may live in Redis."""

    broadcast_times: BroadcastTimes
    document_states: StateRegistry
    document_locks: LockRegistry
    sessions: ChatSessions
    crawls: Crawls
    presence: Presence

    def counts(self) -> dict[str, int]:
        """Return the number of entries of each."""
        return {
            "broadcast_times": len(self.broadcast_times.broadcast_times),
            "document_states": self.document_states.count(),
            "document_locks": self.document_locks.count(),
            "sessions": len(self.sessions.sessions),
            "crawls": len(self.crawls.crawls),
        }


def registries_in_memory(clock: Clock, limits: Limits, audit: AuditTrail) -> Registries:
    """Return empty registries that live in this process."""
    presence = Presence()
    locks = DocumentLocks(clock, limits, audit)
    return Registries(
        broadcast_times=BroadcastTimes(clock, limits, audit),
        document_states=DocumentStates(
            clock, limits, audit, lambda key: presence.is_active(key) or key[1] in locks.document_locks
        ),
        document_locks=locks,
        sessions=ChatSessions(clock, limits, audit),
        crawls=Crawls(clock, limits, audit),
        presence=presence,
    )


class Collaboration:
    """Everything the server does, without saying over what."""

    def __init__(
        self,
        clock: Clock,
        limits: Limits,
        audit: AuditTrail,
        registries: Registries,
        emitter: Emitter,
        *,
        agent: Agent | None = None,
        crawler: Crawler | None = None,
    ) -> None:
        self.clock = clock
        self.limits = limits
        self.audit = audit
        self.registries = registries
        self.emitter = emitter
        self.tasks = Tasks()
        self.connections = Connections(limits, emitter)
        kept = registries
        self.locking = Locking(clock, limits, kept.document_locks, kept.document_states, self.connections, emitter)
        self.editing = Editing(
            clock, limits, kept.document_states, self.locking, kept.presence, self.connections, emitter
        )
        self.cleanup = Cleanup(self._steps(), limits)
        self.chatting = Chatting(limits, kept.sessions, agent or SimulatedAgent(), self.tasks, emitter)
        self.crawling = Crawling(
            limits,
            kept.crawls,
            kept.broadcast_times,
            crawler or SimulatedCrawler(),
            self.cleanup,
            self.tasks,
            self.connections,
            emitter,
        )
        self.lifecycle = Lifecycle(self.connections, self.locking, self.editing, self.cleanup)

    def _steps(self) -> dict[str, Step]:
        kept = self.registries
        return {
            "document_locks": self.locking.expire,
            "broadcast_times": kept.broadcast_times.expire,
            "document_states": kept.document_states.expire,
            "sessions": kept.sessions.expire,
            "crawls": kept.crawls.expire,
        }

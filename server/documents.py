"""``document_states``: the shared documents, kept while somebody works on them and an hour more."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from server.audit import AuditTrail
from server.clock import Clock
from server.expiry import ExpiryIndex
from server.groups import Groups
from server.limits import Limits
from server.presence import DocumentKey
from server.problems import FullError


@dataclass(frozen=True, slots=True)
class DocumentState:
    """One document; a change makes a new state. ``last_modified_s`` is the server's time, never the client's."""

    project_id: str
    document_id: str
    title: str = ""
    content: Any = None
    metadata: dict[str, Any] = field(default_factory=dict)
    version: int = 0
    last_modified_s: float = 0.0
    user_id: str = ""

    @property
    def key(self) -> DocumentKey:
        """Its place in the registry."""
        return (self.project_id, self.document_id)


class StateRegistry(Protocol):
    """Document states by project and document; in memory, or in Redis for several workers."""

    async def get(self, key: DocumentKey) -> DocumentState | None:
        """Return a document's state, or None."""

    async def put(self, state: DocumentState, expected: DocumentState | None) -> bool:
        """Store a state if ``expected`` is still what is stored; return whether. Raises FullError."""

    async def remove(self, key: DocumentKey, trigger: str) -> bool:
        """Remove a document's state; return whether there was one."""

    async def of_project(self, project_id: str, limit: int) -> list[DocumentState]:
        """Return the states of up to ``limit`` of a project's documents, the last changed first."""

    async def projects(self, limit: int) -> dict[str, int]:
        """Return how many documents each of up to ``limit`` projects has."""

    def wake(self, key: DocumentKey) -> None:
        """Let a document that nobody holds open any more be judged at the next cleanup."""

    async def expire(self, limit: int, trigger: str) -> int:
        """Look at up to ``limit`` documents older than an hour, remove those not in use; return how many."""

    def count(self) -> int:
        """Return how many there are, as this process knows."""


class DocumentStates:
    """The registry in memory. ``is_in_use`` says whether a document has a client or a lock."""

    def __init__(
        self, clock: Clock, limits: Limits, audit: AuditTrail, is_in_use: Callable[[DocumentKey], bool]
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._audit = audit
        self._is_in_use = is_in_use
        self.document_states: dict[DocumentKey, DocumentState] = {}
        self._by_project: Groups[str] = Groups()
        self._by_age: ExpiryIndex[DocumentKey] = ExpiryIndex()

    async def get(self, key: DocumentKey) -> DocumentState | None:
        """See `StateRegistry.get`."""
        return self.document_states.get(key)

    async def put(self, state: DocumentState, expected: DocumentState | None) -> bool:
        """See `StateRegistry.put`."""
        if self.document_states.get(state.key) is not expected:
            return False
        if expected is None and len(self.document_states) >= self._limits.document_states:
            raise FullError(f"there are {len(self.document_states)} documents; delete one, or try again later")
        self.document_states[state.key] = state
        self._by_project.add(state.project_id, state.document_id)
        self._by_age.set(state.key, state.last_modified_s)
        return True

    async def remove(self, key: DocumentKey, trigger: str) -> bool:
        """See `StateRegistry.remove`."""
        self._by_age.discard(key)
        return self._remove(key, "deleted", trigger)

    async def of_project(self, project_id: str, limit: int) -> list[DocumentState]:
        """See `StateRegistry.of_project`."""
        states = (self.document_states[project_id, name] for name in self._by_project.members(project_id))
        return heapq.nlargest(limit, states, key=lambda state: state.last_modified_s)

    async def projects(self, limit: int) -> dict[str, int]:
        """See `StateRegistry.projects`: the newest ones."""
        return {project_id: self._by_project.size(project_id) for project_id in self._by_project.newest(limit)}

    def wake(self, key: DocumentKey) -> None:
        """See `StateRegistry.wake`."""
        state = self.document_states.get(key)
        if state is not None:
            self._by_age.set(key, state.last_modified_s)

    async def expire(self, limit: int, trigger: str) -> int:
        """See `StateRegistry.expire`: those in use are looked at again a minute later."""
        until_s = self._clock.now_s() - self._limits.document_ttl_s
        looked_at = 0
        for key in self._by_age.pop_due(until_s, limit):
            looked_at += 1
            if self._is_in_use(key):
                self._by_age.set(key, until_s + self._limits.document_recheck_s)
            else:
                self._remove(key, "stale", trigger)
        return looked_at

    def count(self) -> int:
        """See `StateRegistry.count`."""
        return len(self.document_states)

    def _remove(self, key: DocumentKey, why: str, trigger: str) -> bool:
        state = self.document_states.pop(key, None)
        if state is None:
            return False
        self._by_project.discard(*key)
        since_s = state.last_modified_s
        self._audit.record("document_states", "/".join(key), why=why, since_s=since_s, trigger=trigger)
        return True

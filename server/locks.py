"""``document_locks``: who may edit a document alone, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from server.audit import AuditTrail
from server.clock import Clock
from server.expiry import ExpiryIndex
from server.groups import Groups
from server.limits import Limits
from server.problems import FullError, NotLockOwnerError


@dataclass(frozen=True, slots=True)
class DocumentLock:
    """A lock. ``owner`` is the holder's proven identity, ``user_id`` the name it shows, ``sid`` its connection."""

    document_id: str
    project_id: str | None
    owner: str
    user_id: str
    sid: str
    taken_at_s: float
    expires_at_s: float


class LockRegistry(Protocol):
    """Locks by document id; in memory, or in Redis for several workers."""

    async def acquire(self, wanted: DocumentLock) -> DocumentLock:
        """Take a lock that is free, expired or held by the same owner; return the lock that stands now.

        Raises FullError when there are too many.
        """

    async def holder(self, document_id: str) -> DocumentLock | None:
        """Return the lock that holds now, or None."""

    async def release(self, document_id: str, owner: str, trigger: str) -> DocumentLock:
        """Release a lock of one's own. Raises NotLockOwnerError."""

    async def release_sid(self, sid: str, trigger: str) -> list[DocumentLock]:
        """Release all that a connection holds; locks that have moved to another connection stay."""

    async def expire(self, limit: int, trigger: str) -> list[DocumentLock]:
        """Release up to ``limit`` locks whose time is over."""

    def count(self) -> int:
        """Return how many there are, in this process."""

    def held_by(self, sid: str) -> int:
        """Return how many a connection of this process holds."""


class DocumentLocks:
    """The registry in memory. ``_held`` names each connection's locks, so that leaving needs no scan."""

    def __init__(self, clock: Clock, limits: Limits, audit: AuditTrail) -> None:
        self._clock = clock
        self._limits = limits
        self._audit = audit
        self.document_locks: dict[str, DocumentLock] = {}
        self._by_expiry: ExpiryIndex[str] = ExpiryIndex()
        self._held: Groups[str] = Groups()

    async def acquire(self, wanted: DocumentLock) -> DocumentLock:
        """See `LockRegistry.acquire`."""
        standing = self.document_locks.get(wanted.document_id)
        if standing is not None:
            if standing.owner != wanted.owner and not self._is_over(standing):
                return standing
            self._forget(standing)
        self._check_room(wanted)
        self.document_locks[wanted.document_id] = wanted
        self._by_expiry.set(wanted.document_id, wanted.expires_at_s)
        self._held.add(wanted.sid, wanted.document_id)
        return wanted

    async def holder(self, document_id: str) -> DocumentLock | None:
        """See `LockRegistry.holder`."""
        lock = self.document_locks.get(document_id)
        return None if lock is None or self._is_over(lock) else lock

    async def release(self, document_id: str, owner: str, trigger: str) -> DocumentLock:
        """See `LockRegistry.release`."""
        lock = self.document_locks.get(document_id)
        if lock is None or lock.owner != owner:
            raise NotLockOwnerError(document_id, lock.user_id if lock else None)
        self._remove(lock, "released", trigger)
        return lock

    async def release_sid(self, sid: str, trigger: str) -> list[DocumentLock]:
        """See `LockRegistry.release_sid`."""
        held = [self.document_locks[document_id] for document_id in self._held.members(sid)]
        for lock in held:
            self._remove(lock, "client_disconnected", trigger)
        return held

    async def expire(self, limit: int, trigger: str) -> list[DocumentLock]:
        """See `LockRegistry.expire`."""
        expired = []
        for document_id in self._by_expiry.pop_due(self._clock.now_s(), limit):
            lock = self.document_locks[document_id]
            self._remove(lock, "expired", trigger)
            expired.append(lock)
        return expired

    def count(self) -> int:
        """See `LockRegistry.count`."""
        return len(self.document_locks)

    def held_by(self, sid: str) -> int:
        """See `LockRegistry.held_by`."""
        return self._held.size(sid)

    def _is_over(self, lock: DocumentLock) -> bool:
        return lock.expires_at_s <= self._clock.now_s()

    def _check_room(self, wanted: DocumentLock) -> None:
        if len(self.document_locks) >= self._limits.document_locks:
            raise FullError(f"there are {len(self.document_locks)} locks; try again when some are released")
        if self.held_by(wanted.sid) >= self._limits.locks_per_client:
            raise FullError(f"this connection holds {self.held_by(wanted.sid)} locks; release one first")

    def _remove(self, lock: DocumentLock, why: str, trigger: str) -> None:
        self._forget(lock)
        self._audit.record("document_locks", lock.document_id, why=why, since_s=lock.taken_at_s, trigger=trigger)

    def _forget(self, lock: DocumentLock) -> None:
        del self.document_locks[lock.document_id]
        self._by_expiry.discard(lock.document_id)
        self._held.discard(lock.sid, lock.document_id)

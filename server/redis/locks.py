"""``document_locks`` for several workers: Redis decides, and lets a lock expire whose worker has died."""

from __future__ import annotations

from typing import Any

from server.audit import AuditTrail
from server.clock import Clock
from server.expiry import ExpiryIndex
from server.groups import Groups
from server.limits import Limits
from server.locks import DocumentLock
from server.problems import FullError, NotLockOwnerError
from server.redis.store import Store, lock_key, read_lock, write

# KEYS: the lock. ARGV: owner, lock, milliseconds, most keys. Returns the lock that stands, or nothing when full.
_ACQUIRE = """
local standing = redis.call('GET', KEYS[1])
if standing and cjson.decode(standing).owner ~= ARGV[1] then return standing end
if not standing and redis.call('DBSIZE') >= tonumber(ARGV[4]) then return false end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return ARGV[2]
"""

# KEYS: the lock. ARGV: field, value. Deletes the lock if its field has that value. Returns what stood.
_RELEASE = """
local standing = redis.call('GET', KEYS[1])
if standing and cjson.decode(standing)[ARGV[1]] == ARGV[2] then redis.call('DEL', KEYS[1]) end
return standing
"""


class RedisLocks:
    """A `server.locks.LockRegistry`. ``document_locks`` holds what the clients of this worker have taken.

    Each step is one script, so two workers never both see a lock as free. What is kept here is only what this worker
    will release, by disconnect or expiry.
    """

    def __init__(self, store: Store, clock: Clock, limits: Limits, audit: AuditTrail) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits
        self._audit = audit
        self._acquire_script: Any = store.client.register_script(_ACQUIRE)
        self._release_script: Any = store.client.register_script(_RELEASE)
        self.document_locks: dict[str, DocumentLock] = {}
        self._by_expiry: ExpiryIndex[str] = ExpiryIndex()
        self._held: Groups[str] = Groups()

    async def acquire(self, wanted: DocumentLock) -> DocumentLock:
        """See `LockRegistry.acquire`."""
        if self.held_by(wanted.sid) >= self._limits.locks_per_client:
            raise FullError(f"this connection holds {self.held_by(wanted.sid)} locks; release one first")
        duration_ms = self._store.real_ms(wanted.expires_at_s - self._clock.now_s())
        arguments = [wanted.owner, write(wanted), duration_ms, self._limits.redis_keys]
        text = await self._acquire_script(keys=[lock_key(wanted.document_id)], args=arguments)
        if text is None:
            raise FullError("there are too many locks and documents; try again when some are released")
        standing = read_lock(text)
        if standing == wanted:
            self._remember(wanted)
        return standing

    async def holder(self, document_id: str) -> DocumentLock | None:
        """See `LockRegistry.holder`."""
        text = await self._store.client.get(lock_key(document_id))
        return None if text is None else read_lock(text)

    async def release(self, document_id: str, owner: str, trigger: str) -> DocumentLock:
        """See `LockRegistry.release`."""
        text = await self._release_script(keys=[lock_key(document_id)], args=["owner", owner])
        lock = None if text is None else read_lock(text)
        if lock is None or lock.owner != owner:
            raise NotLockOwnerError(document_id, lock.user_id if lock else None)
        own = self.document_locks.get(document_id)
        if own is not None and own.owner == owner:
            self._forget(own)
        self._note(lock, "released", trigger)
        return lock

    async def release_sid(self, sid: str, trigger: str) -> list[DocumentLock]:
        """See `LockRegistry.release_sid`. Where Redis cannot be reached, its expiry releases them."""
        held = [self.document_locks[document_id] for document_id in self._held.members(sid)]
        for lock in held:
            self._forget(lock)
        return [lock for lock in held if await self._give_back(lock, "client_disconnected", trigger)]

    async def expire(self, limit: int, trigger: str) -> list[DocumentLock]:
        """See `LockRegistry.expire`. Redis may have been a moment earlier; the room is told by who held the lock."""
        due = [self.document_locks[key] for key in self._by_expiry.pop_due(self._clock.now_s(), limit)]
        for lock in due:
            self._forget(lock)
        return [lock for lock in due if await self._give_back(lock, "expired", trigger, is_gone_too=True)]

    def count(self) -> int:
        """See `LockRegistry.count`."""
        return len(self.document_locks)

    def held_by(self, sid: str) -> int:
        """See `LockRegistry.held_by`."""
        return self._held.size(sid)

    def is_locked_here(self, document_id: str) -> bool:
        """Return whether a client of this worker holds a lock."""
        return document_id in self.document_locks

    async def _give_back(self, lock: DocumentLock, why: str, trigger: str, *, is_gone_too: bool = False) -> bool:
        text = await self._release_script(keys=[lock_key(lock.document_id)], args=["sid", lock.sid])
        was_ours = is_gone_too if text is None else read_lock(text).sid == lock.sid
        if was_ours:
            self._note(lock, why, trigger)
        return was_ours

    def _remember(self, lock: DocumentLock) -> None:
        own = self.document_locks.get(lock.document_id)
        if own is not None:
            self._forget(own)
        self.document_locks[lock.document_id] = lock
        self._by_expiry.set(lock.document_id, lock.expires_at_s)
        self._held.add(lock.sid, lock.document_id)

    def _forget(self, lock: DocumentLock) -> None:
        self.document_locks.pop(lock.document_id, None)
        self._by_expiry.discard(lock.document_id)
        self._held.discard(lock.sid, lock.document_id)

    def _note(self, lock: DocumentLock, why: str, trigger: str) -> None:
        self._audit.record("document_locks", lock.document_id, why=why, since_s=lock.taken_at_s, trigger=trigger)

"""Locking and unlocking documents, and telling those concerned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import structlog

from server.clock import Clock, to_ms
from server.connections import Connection, Connections, Emitter
from server.documents import StateRegistry
from server.limits import Limits
from server.locks import DocumentLock, LockRegistry
from server.payloads import LockRequest, UnlockRequest
from server.problems import NotLockOwnerError, RefusedError
from server.rooms import document_room


class Locking:
    """The use of `LockRegistry`."""

    def __init__(
        self,
        clock: Clock,
        limits: Limits,
        locks: LockRegistry,
        states: StateRegistry,
        connections: Connections,
        emitter: Emitter,
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._locks = locks
        self._states = states
        self._connections = connections
        self._emitter = emitter
        self._log = structlog.get_logger("server.locking")

    async def lock(self, connection: Connection, request: LockRequest) -> DocumentLock | None:
        """Take a lock and tell the document's room, or tell the asker who holds it; return the lock taken."""
        wanted = self._wish(connection, request)
        standing = await self._locks.acquire(wanted)
        if standing != wanted:
            await self._connections.reply(connection, "lock_failed", _refusal(standing))
            return None
        if not self._connections.is_here(connection):
            # Its disconnect was handled while this waited: nobody else would ever release what it took.
            await self.release_all(connection.sid, "late")
            return None
        await self._tell("document_locked", wanted, wanted.user_id, _terms(wanted))
        return wanted

    async def unlock(self, connection: Connection, request: UnlockRequest) -> None:
        """Release a lock of one's own and tell its room, or tell the asker who holds it."""
        user_id = connection.named(request.user_id)
        try:
            lock = await self._locks.release(request.document_id, connection.owner, "unlock_document")
        except NotLockOwnerError as error:
            await self._connections.reply(
                connection,
                "unlock_failed",
                {"document_id": request.document_id, "reason": "not_lock_owner", "locked_by": error.locked_by},
            )
            return
        self._wake(lock)
        await self._tell("document_unlocked", replace(lock, sid=connection.sid), user_id, {})

    async def holder(self, document_id: str) -> DocumentLock | None:
        """Return the lock that holds on a document now, or None."""
        return await self._locks.holder(document_id)

    async def check(self, connection: Connection, document_id: str) -> DocumentLock | None:
        """Return the connection's own lock on a document, or None when it is free. Raises RefusedError."""
        lock = await self._locks.holder(document_id)
        if lock is not None and lock.owner != connection.owner:
            raise RefusedError(f"document {document_id!r} is locked by {lock.user_id!r}; wait, or ask for its release")
        return lock

    async def drop(self, connection: Connection, document_id: str) -> None:
        """Release one's own lock on a document that is no more; nobody needs to be told."""
        if await self.check(connection, document_id) is not None:
            await self._locks.release(document_id, connection.owner, "delete_document")

    async def release_all(self, sid: str, trigger: str) -> None:
        """Release what a leaver holds, and tell the rooms."""
        for lock in await self._locks.release_sid(sid, trigger):
            await self._tell_released(lock, "client_disconnected")

    async def expire(self, limit: int, trigger: str) -> int:
        """Release up to ``limit`` locks whose time is over, tell their rooms, and return how many."""
        expired = await self._locks.expire(limit, trigger)
        for lock in expired:
            await self._tell_released(lock, "expired")
        return len(expired)

    def _wish(self, connection: Connection, request: LockRequest) -> DocumentLock:
        now_s = self._clock.now_s()
        duration_s = self._limits.lock_s if request.duration is None else request.duration / 1000
        return DocumentLock(
            document_id=request.document_id,
            project_id=request.project_id or _joined_project(connection, request.document_id),
            owner=connection.owner,
            user_id=connection.named(request.user_id),
            sid=connection.sid,
            taken_at_s=now_s,
            expires_at_s=now_s + min(duration_s, self._limits.lock_max_s),
        )

    async def _tell_released(self, lock: DocumentLock, reason: str) -> None:
        self._wake(lock)
        skip = lock.sid if reason == "client_disconnected" else None
        try:
            await self._tell("document_unlocked", lock, "system", {"reason": reason}, skip)
        except Exception:  # noqa: BLE001 -- that one room cannot be told must not keep the others from being told
            self._log.exception("telling of a released lock failed", document_id=lock.document_id)

    async def _tell(
        self, event: str, lock: DocumentLock, user_id: str, details: dict[str, Any], skip: str | None = None
    ) -> None:
        """Tell the document's room, and the holder where it is not in that room."""
        payload = {
            "type": event,
            "document_id": lock.document_id,
            "project_id": lock.project_id,
            "user_id": user_id,
            "timestamp": to_ms(self._clock.now_s()),
            "data": details,
            **details,
        }
        to = [lock.sid] if lock.project_id is None else [document_room(lock.project_id, lock.document_id), lock.sid]
        await self._emitter.emit(event, payload, to, skip)

    def _wake(self, lock: DocumentLock) -> None:
        if lock.project_id is not None:
            self._states.wake((lock.project_id, lock.document_id))


def _joined_project(connection: Connection, document_id: str) -> str | None:
    projects = (project for project, document in connection.documents if document == document_id)
    return next(projects, None)


def _terms(lock: DocumentLock) -> dict[str, Any]:
    return {"locked_by": lock.user_id, "expires_at": to_ms(lock.expires_at_s)}


def _refusal(lock: DocumentLock) -> dict[str, Any]:
    return {"document_id": lock.document_id, "reason": "already_locked", **_terms(lock)}

"""Editing shared documents."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from server.clock import Clock, to_ms
from server.conflicts import judge
from server.connections import Connection, Connections, Emitter
from server.documents import DocumentState, StateRegistry
from server.limits import Limits
from server.payloads import DeleteRequest, DocumentBatch, DocumentEdit, DocumentRef, Edit
from server.presence import DocumentKey, Presence
from server.problems import RefusedError
from server.rooms import document_room, shown_document_room
from server.services.locking import Locking

# Another worker may change the document between reading and writing it; more often than this is a storm.
_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch: the state now (None when deleted), and the conflicts its sender is told of."""

    state: DocumentState | None
    applied: int
    conflicts: list[dict[str, Any]]


class Editing:
    """The use of `StateRegistry`."""

    def __init__(
        self,
        clock: Clock,
        limits: Limits,
        states: StateRegistry,
        locking: Locking,
        presence: Presence,
        connections: Connections,
        emitter: Emitter,
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._states = states
        self._locking = locking
        self._presence = presence
        self._connections = connections
        self._emitter = emitter

    async def join(self, connection: Connection, ref: DocumentRef) -> None:
        """Let a client into a document's room and show it the document."""
        key = (ref.project_id, ref.document_id)
        await self._connections.enter(connection, document_room(*key))
        if not self._connections.is_here(connection):
            return
        connection.documents.add(key)
        self._presence.join(key, connection.sid)
        state = await self._states.get(key)
        if state is not None:
            await self._connections.reply(connection, "document_state", await self.to_wire(state))
        joined = {"project_id": ref.project_id, "document_id": ref.document_id, "room": shown_document_room(*key)}
        await self._connections.reply(connection, "joined_document", joined)

    async def leave(self, connection: Connection, ref: DocumentRef) -> None:
        """Take a client out of a document's room."""
        key = (ref.project_id, ref.document_id)
        await self._connections.leave(connection, document_room(*key))
        self.forget(connection, key)

    def forget(self, connection: Connection, key: DocumentKey) -> None:
        """Count a client no more among a document's editors; the last one lets it grow stale."""
        connection.documents.discard(key)
        if self._presence.leave(key, connection.sid):
            self._states.wake(key)

    async def show_project(self, connection: Connection, project_id: str) -> None:
        """Send the states of a project's documents, the last changed first: as many as fit into one message."""
        states, left_bytes = [], self._limits.message_bytes
        for state in await self._states.of_project(project_id, self._limits.documents_listed):
            left_bytes -= _size_bytes(state)
            if left_bytes < 0:
                break
            states.append(await self.to_wire(state))
        await self._connections.reply(connection, "document_states", states)

    async def change(self, connection: Connection, edit: DocumentEdit) -> None:
        """Apply one change and tell the others in the room."""
        key = (edit.project_id, edit.document_id)
        outcome = await self._apply(connection, key, [edit], edit.user_id)
        if outcome.applied:
            await self._tell(connection, key, self._update_of(connection, edit, outcome.state))
        await self._tell_conflicts(connection, key, outcome)

    async def change_batch(self, connection: Connection, batch: DocumentBatch) -> None:
        """Apply several changes and tell the others in the room once, with the whole state."""
        key = (batch.project_id, batch.document_id)
        outcome = await self._apply(connection, key, batch.changes, batch.user_id)
        if outcome.applied:
            update = await self._update_of_batch(connection, key, outcome)
            await self._tell(connection, key, update)
        await self._tell_conflicts(connection, key, outcome)

    async def delete(self, connection: Connection, request: DeleteRequest) -> None:
        """Delete a document, with the lock one may hold on it, and tell its room. Raises RefusedError if locked."""
        key = (request.project_id, request.document_id)
        await self._locking.drop(connection, request.document_id)
        await self._states.remove(key, "delete_document")
        payload = {
            "type": "document_deleted",
            "document_id": request.document_id,
            "project_id": request.project_id,
            "user_id": connection.named(request.user_id),
            "timestamp": to_ms(self._clock.now_s()),
        }
        await self._emitter.emit("document_deleted", payload, [document_room(*key), connection.sid])

    async def to_wire(self, state: DocumentState) -> dict[str, Any]:
        """Return a state as clients get it; who has locked it is read from the locks, where it is decided."""
        lock = await self._locking.holder(state.document_id)
        return {
            "document_id": state.document_id,
            "project_id": state.project_id,
            "title": state.title,
            "content": state.content,
            "metadata": state.metadata,
            "version": state.version,
            "last_modified": to_ms(state.last_modified_s),
            "last_modified_by": state.user_id,
            "locked": lock is not None,
            "locked_by": lock.user_id if lock else None,
            "lock_expires": to_ms(lock.expires_at_s) if lock else None,
        }

    async def _apply(self, connection: Connection, key: DocumentKey, edits: list[Any], claimed: str | None) -> Outcome:
        await self._locking.check(connection, key[1])
        user_id = connection.named(claimed)
        for _ in range(_ATTEMPTS):
            stored = await self._states.get(key)
            outcome = self._fold(stored, key, edits, user_id)
            if not self._connections.is_here(connection):
                return Outcome(stored, 0, [])
            if await self._store(connection, stored, outcome):
                return outcome
        raise RefusedError(f"document {key[1]!r} is changed by many at once; send the change again")

    async def _store(self, connection: Connection, stored: DocumentState | None, outcome: Outcome) -> bool:
        if not outcome.applied:
            return True
        if outcome.state is not None:
            return await self._states.put(outcome.state, stored)
        if stored is not None:
            await self._locking.drop(connection, stored.document_id)
            await self._states.remove(stored.key, "document_change")
        return True

    def _fold(self, stored: DocumentState | None, key: DocumentKey, edits: list[Edit], user_id: str) -> Outcome:
        """Apply edits one after the other to the stored state, without storing anything."""
        now_s = self._clock.now_s()
        state, applied, conflicts = stored, 0, []
        for edit in edits:
            verdict = "accepted"
            if state is not None:
                verdict = judge(state, version=edit.version, user_id=user_id, now_s=now_s)
            if verdict != "accepted":
                conflicts.append({"change_id": edit.id, "version": edit.version, "resolution": verdict})
            if verdict != "rejected":
                applied += 1
                state = self._edited(state or DocumentState(*key), edit, user_id, now_s)
        return Outcome(state, applied, conflicts)

    def _edited(self, state: DocumentState, edit: Edit, user_id: str, now_s: float) -> DocumentState | None:
        if edit.change_type == "delete":
            return None
        version = max(edit.version, state.version + 1)
        changed = replace(state, version=version, last_modified_s=now_s, user_id=user_id, **_fields_of(state, edit))
        size_bytes = _size_bytes(changed)
        if size_bytes > self._limits.document_bytes:
            raise RefusedError(f"document of {size_bytes} bytes, need at most {self._limits.document_bytes}")
        return changed

    async def _tell(self, connection: Connection, key: DocumentKey, update: dict[str, Any]) -> None:
        await self._emitter.emit("document_updated", update, document_room(*key), skip=connection.sid)

    async def _tell_conflicts(self, connection: Connection, key: DocumentKey, outcome: Outcome) -> None:
        if not outcome.conflicts:
            return
        payload = {"project_id": key[0], "document_id": key[1], "conflicts": outcome.conflicts}
        await self._connections.reply(connection, "conflicts_detected", payload)

    def _update_of(self, connection: Connection, edit: DocumentEdit, state: DocumentState | None) -> dict[str, Any]:
        update = self._header(connection, (edit.project_id, edit.document_id), state)
        update |= {"data": edit.data, "change_type": edit.change_type}
        return update if edit.patch is None else update | {"patch": edit.patch}

    async def _update_of_batch(self, connection: Connection, key: DocumentKey, outcome: Outcome) -> dict[str, Any]:
        update = self._header(connection, key, outcome.state)
        whole = None if outcome.state is None else await self.to_wire(outcome.state)
        return update | {"data": whole, "change_type": "batch", "batch_size": outcome.applied}

    def _header(self, connection: Connection, key: DocumentKey, state: DocumentState | None) -> dict[str, Any]:
        return {
            "type": "document_updated",
            "document_id": key[1],
            "project_id": key[0],
            "user_id": connection.named(None),
            "timestamp": to_ms(self._clock.now_s()),
            "version": None if state is None else state.version,
        }


def _size_bytes(state: DocumentState) -> int:
    return len(json.dumps([state.title, state.content, state.metadata]))


def _fields_of(state: DocumentState, edit: Edit) -> dict[str, Any]:
    if edit.change_type == "title":
        return {"title": edit.title}
    if edit.change_type == "metadata":
        return {"metadata": {**state.metadata, **(edit.data if isinstance(edit.data, dict) else {})}}
    return {"content": edit.data}

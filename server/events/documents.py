"""Documents: joining, editing, locking, deleting."""

from __future__ import annotations

from typing import Any

from server.collaboration import Collaboration
from server.connections import Connection
from server.events.binding import Event
from server.payloads import (
    DeleteRequest,
    DocumentBatch,
    DocumentChange,
    DocumentRef,
    LockRequest,
    ProjectRef,
    UnlockRequest,
)


async def join_document_room(collaboration: Collaboration, connection: Connection, ref: DocumentRef) -> None:
    """Enter a document's room."""
    await collaboration.editing.join(connection, ref)


async def leave_document_room(collaboration: Collaboration, connection: Connection, ref: DocumentRef) -> None:
    """Leave it."""
    await collaboration.editing.leave(connection, ref)


async def request_document_states(collaboration: Collaboration, connection: Connection, ref: ProjectRef) -> None:
    """See all documents of a project."""
    await collaboration.editing.show_project(connection, ref.project_id)


async def document_change(collaboration: Collaboration, connection: Connection, payload: DocumentChange) -> None:
    """Change a document."""
    await collaboration.editing.change(connection, payload.change)


async def document_batch_update(collaboration: Collaboration, connection: Connection, batch: DocumentBatch) -> None:
    """Change a document in several steps."""
    await collaboration.editing.change_batch(connection, batch)


async def lock_document(collaboration: Collaboration, connection: Connection, request: LockRequest) -> None:
    """Lock a document."""
    await collaboration.locking.lock(connection, request)


async def unlock_document(collaboration: Collaboration, connection: Connection, request: UnlockRequest) -> None:
    """Unlock it."""
    await collaboration.locking.unlock(connection, request)


async def delete_document(collaboration: Collaboration, connection: Connection, request: DeleteRequest) -> None:
    """Delete it."""
    await collaboration.editing.delete(connection, request)


EVENTS: list[Event[Any]] = [
    Event("join_document_room", DocumentRef, join_document_room),
    Event("leave_document_room", DocumentRef, leave_document_room),
    Event("request_document_states", ProjectRef, request_document_states),
    Event("document_change", DocumentChange, document_change),
    Event("document_batch_update", DocumentBatch, document_batch_update),
    Event("lock_document", LockRequest, lock_document),
    Event("unlock_document", UnlockRequest, unlock_document),
    Event("delete_document", DeleteRequest, delete_document),
]

"""Puts all events onto a Socket.IO server."""

from __future__ import annotations

from typing import Any

import socketio
import structlog
from socketio.exceptions import ConnectionRefusedError as Refusal

from server.collaboration import Collaboration
from server.connections import Connection
from server.events import chat, dashboard, documents, progress, projects
from server.events.binding import Event, refuse
from server.http.access import Access
from server.identity import Identities
from server.problems import RefusedError
from server.wire import UNREADABLE

EVENTS: list[Event[Any]] = [*projects.EVENTS, *progress.EVENTS, *documents.EVENTS, *chat.EVENTS, *dashboard.EVENTS]


def register(sio: socketio.AsyncServer, collaboration: Collaboration, identities: Identities, access: Access) -> None:
    """Register the handlers: one per event, one for connecting and one for disconnecting."""
    for event in EVENTS:
        sio.on(event.name, _receiver(event, collaboration))
    _register_lifecycle(sio, collaboration, identities, access)
    _register_misfits(sio, collaboration)


def _receiver(event: Event[Any], collaboration: Collaboration) -> Any:
    async def receive(sid: str, *args: Any) -> Any:
        return await event.receive(collaboration, sid, args)

    return receive


def _register_lifecycle(
    sio: socketio.AsyncServer, collaboration: Collaboration, identities: Identities, access: Access
) -> None:
    log = structlog.get_logger("server.events")

    def connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        # Not a coroutine: a client that leaves while this waits would stay in the library's rooms.
        try:
            owner, user_id = identities.identify(sid, auth)
            is_internal = access.is_internal(environ["asgi.scope"], auth)
            collaboration.lifecycle.connect(Connection(sid, owner, user_id, is_internal))
        except RefusedError as error:
            raise Refusal(str(error)) from None
        except Exception:
            log.exception("connect failed", sid=sid)
            raise Refusal("the server could not take this connection; it is logged") from None

    async def disconnect(sid: str, _reason: str | None = None) -> None:
        await collaboration.lifecycle.disconnect(sid)

    async def identify(sid: str, *_: Any) -> dict[str, str] | None:
        connection = collaboration.connections.get(sid)
        if connection is None:
            return None
        return {"user_id": connection.named(None), "token": identities.sign(connection.owner)}

    sio.on("connect", connect)
    sio.on("disconnect", disconnect)
    sio.on("identify", identify)


def _register_misfits(sio: socketio.AsyncServer, collaboration: Collaboration) -> None:
    async def unreadable(sid: str, complaint: str) -> None:
        await _refuse(sid, complaint)

    async def unknown(event: str, sid: str, *_: Any) -> None:
        await _refuse(sid, f"no event {event[:50]!r}; see docs/reference-server.md for those there are")

    async def _refuse(sid: str, message: str) -> None:
        connection = collaboration.connections.get(sid)
        if connection is not None:
            await refuse(collaboration, connection, message)

    sio.on(UNREADABLE, unreadable)
    sio.on("*", unknown)

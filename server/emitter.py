"""Carries the domain's events over Socket.IO."""

from __future__ import annotations

from typing import Any

import socketio


class SocketIOEmitter:
    """A `server.connections.Emitter`. Emitting into a room that nobody is in makes no room."""

    def __init__(self, sio: socketio.AsyncServer) -> None:
        self._sio = sio

    async def emit(self, event: str, payload: Any, to: str | list[str], skip: str | None = None) -> None:
        """Send an event to a room, a client, or several, each client once."""
        await self._sio.emit(event, payload, to=to, skip_sid=skip)

    async def enter(self, sid: str, room: str) -> None:
        """Put a client into a room; one that has just left gets no room."""
        if self._sio.manager.is_connected(sid, "/"):
            await self._sio.enter_room(sid, room)

    async def leave(self, sid: str, room: str) -> None:
        """Take a client out of a room."""
        await self._sio.leave_room(sid, room)

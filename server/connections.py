"""The clients that are connected, who they are, and which rooms they are in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from server.limits import Limits
from server.presence import DocumentKey
from server.problems import FullError


@dataclass(slots=True)
class Connection:
    """One client. ``owner`` is its proven identity; ``user_id`` the name it showed first, which stays."""

    sid: str
    owner: str
    user_id: str | None = None
    is_internal: bool = False
    project_id: str | None = None
    rooms: set[str] = field(default_factory=set)
    documents: set[DocumentKey] = field(default_factory=set)

    def named(self, claimed: str | None) -> str:
        """Return the name to show for it; a name claimed later than the first is not heard."""
        if self.user_id is None:
            self.user_id = claimed
        return self.user_id or self.owner


class Emitter(Protocol):
    """Carries events to rooms and clients; Socket.IO in the server, a list in the domain's tests."""

    async def emit(self, event: str, payload: Any, to: str | list[str], skip: str | None = None) -> None:
        """Send an event to a room, a client, or several; ``skip`` names a client that does not get it."""

    async def enter(self, sid: str, room: str) -> None:
        """Put a client into a room."""

    async def leave(self, sid: str, room: str) -> None:
        """Take a client out of a room."""


class Connections:
    """Sid → connection, from accepting to disconnecting."""

    def __init__(self, limits: Limits, emitter: Emitter) -> None:
        self._limits = limits
        self._emitter = emitter
        self.connections: dict[str, Connection] = {}

    def add(self, connection: Connection) -> None:
        """Add a client. Raises FullError at the cap."""
        if len(self.connections) >= self._limits.connections:
            raise FullError(f"{len(self.connections)} clients are connected; try again later")
        self.connections[connection.sid] = connection

    def get(self, sid: str) -> Connection | None:
        """Return a connected client, or None once it has left."""
        return self.connections.get(sid)

    def remove(self, sid: str) -> Connection | None:
        """Forget a client; from here on `is_here` is false for it."""
        return self.connections.pop(sid, None)

    def is_here(self, connection: Connection) -> bool:
        """Return whether a client is still connected: to be asked after every await, before writing."""
        return self.connections.get(connection.sid) is connection

    async def enter(self, connection: Connection, room: str) -> None:
        """Let a client into a room, unless it has left meanwhile. Raises FullError at its share of rooms."""
        if room in connection.rooms or not self.is_here(connection):
            return
        if len(connection.rooms) >= self._limits.rooms_per_client:
            raise FullError(f"this connection is in {len(connection.rooms)} rooms; leave one first")
        connection.rooms.add(room)
        await self._emitter.enter(connection.sid, room)

    async def leave(self, connection: Connection, room: str) -> None:
        """Take a client out of a room it is in."""
        if room in connection.rooms:
            connection.rooms.discard(room)
            await self._emitter.leave(connection.sid, room)

    async def reply(self, connection: Connection, event: str, payload: Any) -> None:
        """Send an event to one client, if it is still there."""
        if self.is_here(connection):
            await self._emitter.emit(event, payload, connection.sid)

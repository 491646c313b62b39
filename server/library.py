"""python-socketio with four things mended: three that a client could use, one that many clients would feel."""

from __future__ import annotations

import asyncio
from typing import Any

import socketio

from server.groups import Groups
from server.limits import Limits

_LOOK_AGAIN_S = 0.05


class CarefulServer(socketio.AsyncServer):  # type: ignore[misc]  # python-socketio carries no types
    """A server that is deaf to clients whose transport has closed, and to those that do not read its answers.

    The library (5.18.1) lets the first connect: the handler fails for want of its environ, after the client was put
    into rooms that nobody will ever take it out of. The second would have it queue answers, each up to a megabyte, as
    fast as they ask; here what they send waits in their own socket. And who leaves before the connect handler has ended
    is passed over when he leaves, and taken for connected then, for good.
    """

    outbox_unheard = Limits().outbox_unheard

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        await self._wait_for_reading(eio_sid)
        if eio_sid in self.environ:
            await super()._handle_eio_message(eio_sid, data)

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        try:
            await super()._handle_connect(eio_sid, namespace, data)
        finally:
            if self._has_left(eio_sid):
                await self._forget(eio_sid, namespace or "/")

    def _has_left(self, eio_sid: str) -> bool:
        transport = self.eio.sockets.get(eio_sid)
        return eio_sid not in self.environ or (transport is not None and (transport.closing or transport.closed))

    async def _forget(self, eio_sid: str, namespace: str) -> None:
        """Let go of a client that left while its connect handler ran: as of others, where that ended well."""
        await self._handle_disconnect(eio_sid, namespace, self.reason.TRANSPORT_CLOSE)
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace) if namespace in self.manager.rooms else None
        if sid is not None and self.manager.is_pre_connected(sid, namespace):
            await self.manager.disconnect(sid, namespace, ignore_queue=True)

    async def _wait_for_reading(self, eio_sid: str) -> None:
        transport = self.eio.sockets.get(eio_sid)
        if transport is None:
            return
        while transport.queue.qsize() > self.outbox_unheard and not transport.closed:  # noqa: ASYNC110 -- sets no event
            await asyncio.sleep(_LOOK_AGAIN_S)


class RoomsByClient:
    """Mixed into a manager: knows each client's rooms, where the library looks through all rooms at each disconnect."""

    rooms: dict[str, dict[str | None, Any]]
    callbacks: dict[str, Any]
    pending_connect: dict[str, list[str]]
    pending_disconnect: dict[str, list[str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rooms_of: Groups[tuple[str, str]] = Groups()

    def basic_enter_room(self, sid: str, namespace: str, room: Any, eio_sid: str | None = None) -> None:
        """Put a client into a room."""
        super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)  # type: ignore[misc]
        self._rooms_of.add((namespace, sid), room)

    def basic_leave_room(self, sid: str, namespace: str, room: Any) -> None:
        """Take a client out of a room."""
        super().basic_leave_room(sid, namespace, room)  # type: ignore[misc]
        self._rooms_of.discard((namespace, sid), room)

    def basic_disconnect(self, sid: str, namespace: str, **_: Any) -> None:
        """Forget a client: its rooms, its callbacks, and that it was coming or going."""
        for room in self._rooms_of.members((namespace, sid)):
            self.basic_leave_room(sid, namespace, room)
        self.callbacks.pop(sid, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            waiting = pending.get(namespace, [])
            if sid in waiting:
                waiting.remove(sid)
            if not waiting:
                pending.pop(namespace, None)


class MemoryManager(RoomsByClient, socketio.AsyncManager):  # type: ignore[misc]
    """The manager of one process."""


class RedisManager(RoomsByClient, socketio.AsyncRedisManager):  # type: ignore[misc]
    """The manager of several workers."""

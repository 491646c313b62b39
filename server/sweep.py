"""Closes the transports that would otherwise pile up below Socket.IO, where no handler sees them."""

from __future__ import annotations

import asyncio
from typing import Any

import socketio
import structlog

EVERY_REAL_S = 2.0
CONNECT_WITHIN_REAL_S = 45.0


class Sweep:
    """Looks at all Engine.IO sockets every other second.

    A client that answers pings and never reads makes its queue grow with every broadcast; one that opens a transport
    and never connects to a namespace would stay for good. Times are real, as the library's own are.
    """

    def __init__(self, sio: socketio.AsyncServer, max_packets: int) -> None:
        self._sio = sio
        self._max_packets = max_packets
        self._strangers: dict[str, float] = {}  # Engine.IO sid: first seen without a namespace
        self.closed = {"slow": 0, "stranger": 0}
        self._log = structlog.get_logger("server.sweep")

    async def run(self) -> None:
        """Close what is too slow or never connected."""
        now_s = asyncio.get_running_loop().time()
        sockets = dict(self._sio.eio.sockets)
        strangers = [key for key in sockets if self._sio.manager.sid_from_eio_sid(key, "/") is None]
        self._strangers = {key: self._strangers.get(key, now_s) for key in strangers}
        for key, socket in sockets.items():
            if socket.closed:
                self._sio.eio.sockets.pop(key, None)  # as the library does, up to a ping timeout later
            elif socket.queue.qsize() > self._max_packets:
                await self._close(socket, "slow")
            elif now_s - self._strangers.get(key, now_s) > CONNECT_WITHIN_REAL_S:
                await self._close(socket, "stranger")

    async def _close(self, socket: Any, why: str) -> None:
        self.closed[why] += 1
        self._log.warning("transport closed", why=why, eio_sid=socket.sid, queued=socket.queue.qsize())
        await socket.close(wait=False, abort=True)
        while not socket.queue.empty():
            socket.queue.get_nowait()
            socket.queue.task_done()
        await socket.queue.put(None)  # ends the writer, and with it the WebSocket

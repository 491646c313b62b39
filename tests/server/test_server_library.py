"""What the reference server mends of python-socketio: who is given up in his connect handler leaves nothing."""

from __future__ import annotations

import asyncio
import socket

import pytest
import socketio
import uvicorn
from websockets.asyncio.client import connect

from server.library import CarefulServer, MemoryManager

PATIENCE_S = 20.0
PING_S = 0.3


class Slow:
    """A server of one namespace whose connect handler waits until it is told to go on."""

    def __init__(self, kind: type[socketio.AsyncServer]) -> None:
        self.sio = kind(async_mode="asgi", client_manager=MemoryManager(), ping_interval=PING_S, ping_timeout=PING_S)
        self.told: list[str] = []
        self.has_come, self.goes_on = asyncio.Event(), asyncio.Event()
        self.fails = self.has_ended = False
        self.sio.on("connect", self.come)
        self.sio.on("disconnect", self.leave)

    async def come(self, sid, _environ, _auth):
        """Be in the middle of it for a while."""
        self.told.append("connect")
        self.has_come.set()
        await self.goes_on.wait()
        self.has_ended = True
        if self.fails:
            raise RuntimeError("no database")

    async def leave(self, sid, reason):
        """Note it."""
        self.told.append(f"disconnect: {reason}")


async def come_and_go(slow: Slow) -> None:
    """Serve one client, that answers no ping, and is given up while its connect handler waits; then that goes on."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(socketio.ASGIApp(slow.sio), log_level="error"))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        url = f"ws://127.0.0.1:{listener.getsockname()[1]}/socket.io/?EIO=4&transport=websocket"
        async with connect(url) as client:
            await client.send("40")
            await asyncio.wait_for(slow.has_come.wait(), PATIENCE_S)
            await until(lambda: not slow.sio.environ)
            slow.goes_on.set()
            await until(lambda: slow.has_ended)
    finally:
        server.should_exit = True
        await asyncio.wait_for(serving, PATIENCE_S)


async def until(condition) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 -- the library sets no event
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("fails", [False, True])
def test_who_leaves_in_the_connect_handler_leaves_nothing(*, fails: bool) -> None:
    """Where the handler ends well the disconnect handler is called, for what it has made; rooms are gone either way."""

    async def run() -> Slow:
        slow = Slow(CarefulServer)
        slow.fails = fails
        await come_and_go(slow)
        await until(lambda: not slow.sio.manager.rooms)
        return slow

    slow = asyncio.run(run())
    assert slow.told == ["connect"] if fails else ["connect", "disconnect: transport close"]
    assert not slow.sio.manager.pending_connect

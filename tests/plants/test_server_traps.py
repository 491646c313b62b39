"""Each trap stays within its bound, or soon holds nothing."""

from __future__ import annotations

import asyncio

import pytest

from server.plants import traps
from tests.plants.driven import Driven
from tests.server.world import LOOPBACK

SIZES = {
    "lru-cache": (lambda: traps.greet.cache_info().currsize, 512),
    "ttl-cache": (lambda: len(traps.CACHE), 0),
    "deque-ring": (lambda: len(traps.RING), 1_000),
    "high-water": (lambda: len(traps.BUFFERS), 0),
    "sawtooth": (lambda: len(traps.TEETH), 300),
    "connection-pool": (lambda: len(traps.POOL), 1),
    "interned-strings": (lambda: len(traps.NAMES), 200),
    "slow-drain": (lambda: len(traps.BACKLOG), 0),
}


async def trap(name, clients):
    driven = Driven(name)
    for number in range(clients):
        await driven.server.sio._handle_eio_connect(f"e{number}", LOOPBACK)
        await driven.server.sio._handle_eio_message(f"e{number}", "0")
        await driven.server.sio._handle_eio_disconnect(f"e{number}", "transport close")
    async with asyncio.timeout(30):
        while SIZES[name][0]() > SIZES[name][1]:  # noqa: ASYNC110 -- it drains by timers that set no event
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("name", SIZES)
def test_a_trap_is_bounded(name, monkeypatch):
    """After 1,200 clients the trap holds no more than it says, or soon holds nothing."""
    monkeypatch.setattr(traps, "_CACHE_REAL_S", 0.2)
    monkeypatch.setattr(traps, "_DRAINED_PER_S", 2_000)
    asyncio.run(trap(name, 1_200))

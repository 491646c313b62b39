"""Traps: what grows as a leak does, for a while, and is bounded."""

from __future__ import annotations

import asyncio
import functools
import itertools
import sys
from collections import deque

from server.app import Server
from server.plants.hooks import on_connect, on_disconnect
from server.plants.share import EACH

RING: deque[str] = deque(maxlen=1_000)
CACHE: dict[str, str] = {}
BUFFERS: dict[str, bytearray] = {}
TEETH: list[str] = []
POOL: list[bytearray] = []
NAMES: set[str] = set()
BACKLOG: deque[str] = deque()

_CACHE_REAL_S = 5.0
_TOOTH = 300
_BUFFER_BYTES = 65_536
_NAMES = 200
_DRAINED_PER_S = 200


@functools.lru_cache(maxsize=512)
def greet(sid: str) -> str:
    """Return a greeting, from the cache if it is among the last 512."""
    return f"welcome {sid}"


def trap_lru_cache(server: Server) -> None:
    """A cache of the last 512 clients."""
    on_connect(server, EACH, greet)


def trap_ttl_cache(server: Server) -> None:
    """A cache that forgets each client five seconds after it came."""

    def remember(sid: str) -> None:
        CACHE[sid] = f"welcome {sid}"
        asyncio.get_running_loop().call_later(_CACHE_REAL_S, CACHE.pop, sid, None)

    on_connect(server, EACH, remember)


def trap_deque_ring(server: Server) -> None:
    """A ring of the last thousand clients."""
    on_connect(server, EACH, RING.append)


def trap_high_water(server: Server) -> None:
    """Each client has a buffer of 64 KiB while it is connected; the allocator keeps the peak."""

    async def free(sid: str, _reason: str) -> None:
        BUFFERS.pop(sid, None)

    on_connect(server, EACH, lambda sid: BUFFERS.update({sid: bytearray(_BUFFER_BYTES)}))
    on_disconnect(server, EACH, free)


def trap_sawtooth(server: Server) -> None:
    """A list is emptied each time it has three hundred entries."""

    def append(sid: str) -> None:
        if len(TEETH) >= _TOOTH:
            TEETH.clear()
        TEETH.append(sid)

    on_connect(server, EACH, append)


def trap_connection_pool(server: Server) -> None:
    """Buffers are taken from a pool and given back; the pool is as large as the most clients there were at once."""
    taken: dict[str, bytearray] = {}

    def take(sid: str) -> None:
        taken[sid] = POOL.pop() if POOL else bytearray(1_024)

    async def give_back(sid: str, _reason: str) -> None:
        buffer = taken.pop(sid, None)
        if buffer is not None:
            POOL.append(buffer)

    on_connect(server, EACH, take)
    on_disconnect(server, EACH, give_back)


def trap_interned_strings(server: Server) -> None:
    """Clients are given one of two hundred names, which are interned and kept."""
    numbers = itertools.count()
    on_connect(server, EACH, lambda _sid: NAMES.add(sys.intern(f"client {next(numbers) % _NAMES}")))


def trap_slow_drain(server: Server) -> None:
    """Clients are put into a backlog that is worked off at two hundred a second."""

    def drain() -> None:
        BACKLOG.popleft()
        if BACKLOG:
            asyncio.get_running_loop().call_later(1 / _DRAINED_PER_S, drain)

    def enqueue(sid: str) -> None:
        BACKLOG.append(sid)
        if len(BACKLOG) == 1:
            asyncio.get_running_loop().call_later(1 / _DRAINED_PER_S, drain)

    on_connect(server, EACH, enqueue)


PLANTS = {
    "lru-cache": trap_lru_cache,
    "ttl-cache": trap_ttl_cache,
    "deque-ring": trap_deque_ring,
    "high-water": trap_high_water,
    "sawtooth": trap_sawtooth,
    "connection-pool": trap_connection_pool,
    "interned-strings": trap_interned_strings,
    "slow-drain": trap_slow_drain,
}

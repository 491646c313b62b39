"""Puts the registries of a worker together over Redis, and closes what was opened."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from server.audit import AuditTrail
from server.chat import ChatSessions
from server.clock import Clock
from server.collaboration import Registries
from server.crawls import Crawls
from server.library import RedisManager
from server.limits import Limits
from server.presence import Presence
from server.progress import BroadcastTimes
from server.redis.documents import RedisStates
from server.redis.locks import RedisLocks
from server.redis.store import Store


def registries_in_redis(store: Store, clock: Clock, limits: Limits, audit: AuditTrail) -> Registries:
    """Return a worker's registries: locks and documents shared, the others its own."""
    presence = Presence()
    locks = RedisLocks(store, clock, limits, audit)
    return Registries(
        broadcast_times=BroadcastTimes(clock, limits, audit),
        document_states=RedisStates(
            store,
            clock,
            limits,
            audit,
            lambda key: presence.is_active(key) or locks.is_locked_here(key[1]),
        ),
        document_locks=locks,
        sessions=ChatSessions(clock, limits, audit),
        crawls=Crawls(clock, limits, audit),
        presence=presence,
    )


def client_manager(url: str) -> RedisManager:
    """Return python-socketio's manager that carries rooms and broadcasts between workers."""
    return RedisManager(url, channel="collab:socketio")


async def close(store: Store, manager: Any) -> None:
    """Close the connections of a worker; the library leaves its listening task and its own to us."""
    listening = getattr(manager, "thread", None)
    if listening is not None:
        listening.cancel()
        await asyncio.wait([listening])
    for connection in (getattr(manager, "pubsub", None), getattr(manager, "redis", None)):
        if connection is not None:
            with suppress(OSError):
                await connection.aclose()
    await store.close()

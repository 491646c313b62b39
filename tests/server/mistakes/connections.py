"""Mistakes about comings and goings."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import SimpleNamespace

from server.app import Server
from server.connections import Connections
from server.options import Options
from server.progress import BroadcastTimes
from server.services.lifecycle import Lifecycle
from tests.server import world as worlds
from tests.server.unscanned import Unscanned
from tests.server.world import LibraryWorld, World, change, until

HOUR_S = 3600


async def raise_error(*_, **__):
    raise RuntimeError("planned")


async def check_a_raising_handler_keeps_no_connection():
    world = LibraryWorld()
    await world.connect("e1")
    world.domain.lifecycle._locking = SimpleNamespace(release_all=raise_error)
    world.domain.cleanup.steps["sessions"] = raise_error
    with suppress(RuntimeError):  # what the library does with it is what is looked at
        await world.disconnect("e1")
    assert world.left_in_library() == {}
    assert world.domain.cleanup.failures["sessions"] == 1


async def disconnect_letting_errors_out(self, sid):
    self._connections.remove(sid)
    await self._locking.release_all(sid, "disconnect")


async def check_a_late_handler_leaves_nothing():
    world = World()
    acquire = world.registries.document_locks.acquire

    async def acquire_slowly(wanted):
        await asyncio.sleep(0.01)
        return await acquire(wanted)

    world.registries.document_locks.acquire = acquire_slowly
    await world.connect("s1")
    locking = asyncio.ensure_future(world.send("s1", "lock_document", {"document_id": "d", "project_id": "p"}))
    await asyncio.sleep(0)
    connection = world.domain.connections.get("s1")
    assert connection
    await world.disconnect("s1")
    await locking
    await world.domain.connections.enter(connection, "app:late")
    assert world.counts()["document_locks"] == 0
    assert world.emitter.rooms == {}


async def check_a_disconnect_scans_nothing():
    world = World()
    await world.connect("s1")
    await world.send("s1", "document_change", change())
    await world.send("s1", "lock_document", {"document_id": "d", "project_id": "p"})
    world.registries.broadcast_times.accept("p", "crawling")
    world.registries.sessions.create()
    for registry, name in NAMES.items():
        kept = getattr(world.registries, registry)
        setattr(kept, name, Unscanned(getattr(kept, name)))
    world.clock.advance(3 * HOUR_S)
    await world.disconnect("s1")
    assert not any(world.domain.cleanup.failures.values())
    assert not any(world.counts().values())


NAMES = {name: name for name in ("broadcast_times", "document_states", "document_locks", "sessions", "crawls")}


async def scan_all_times(self, _limit, _trigger):
    until_s = self._clock.now_s() - 60
    old = [key for key, at_s in list(self.broadcast_times.items()) if at_s < until_s]
    for key in old:
        self._remove(key, "expired", "scan")
    return len(old)


async def check_cleanup_comes_round_without_disconnects():
    server = Server(Options(clock_speed=100_000))
    server.collaboration.registries.broadcast_times.accept("p", "crawling")
    server.collaboration.registries.sessions.create()
    await server.start()
    try:
        await until(lambda: not any(server.collaboration.registries.counts().values()), within_s=2)
    finally:
        await server.stop()


async def never_come_round(*_, **__):
    await asyncio.Event().wait()


async def check_one_disconnect_does_it_all():
    world = LibraryWorld()
    sid = await world.connect("e1")
    await world.receive("e1", '2["lock_document",{"document_id":"d","project_id":"p"}]')
    world.registries.sessions.create()
    world.registries.broadcast_times.accept("p", "crawling")
    assert world.registries.document_locks.held_by(sid) == 1
    world.clock.advance(3 * HOUR_S)
    await world.disconnect("e1")
    assert not any(world.registries.counts().values())
    assert world.left_in_library() == {}


def register_a_second_handler(original):
    def register(sio, collaboration, *rest):
        original(sio, collaboration, *rest)

        async def disconnect(sid, reason=None):
            collaboration.registries.sessions.cleanup_chat_sessions()

        sio.on("disconnect", disconnect)

    return register


CHECKS = {
    "01 raising disconnect": (
        check_a_raising_handler_keeps_no_connection,
        Lifecycle,
        "disconnect",
        disconnect_letting_errors_out,
    ),
    "06 late handler": (check_a_late_handler_leaves_nothing, Connections, "is_here", lambda *_: True),
    "09 scanning": (check_a_disconnect_scans_nothing, BroadcastTimes, "expire", scan_all_times),
    "10 steady clients": (check_cleanup_comes_round_without_disconnects, "server.app.repeat", None, never_come_round),
    "14 two handlers": (
        check_one_disconnect_does_it_all,
        worlds,
        "register",
        register_a_second_handler(worlds.register),
    ),
}

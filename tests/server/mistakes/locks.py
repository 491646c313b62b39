"""Mistakes about locks."""

from __future__ import annotations

import asyncio

from server.connections import Connection
from server.payloads import LockRequest
from server.services.locking import Locking
from tests.server.world import World, change

DOCUMENT = {"project_id": "p", "document_id": "d"}


async def check_locks_taken_during_a_cleanup_stay():
    world = World()
    await world.connect("old", owner="ann")
    await world.connect("new", owner="ann")
    await world.connect("bob")
    for document_id in ("d1", "d2", "d3"):
        await world.send("old", "lock_document", {"document_id": document_id, "project_id": "p"})
    leaving = asyncio.ensure_future(world.disconnect("old"))
    await asyncio.sleep(0)  # the cleanup is at its first await: it tells the room of d1
    await world.send("new", "lock_document", {"document_id": "d2", "project_id": "p"})
    await world.send("new", "unlock_document", {"document_id": "d3", "project_id": "p"})
    await leaving
    held = world.registries.document_locks.document_locks
    assert {name: lock.sid for name, lock in held.items()} == {"d2": "new"}
    assert not any(world.domain.cleanup.failures.values())


async def release_one_by_one(self, sid, trigger):
    held = [lock.document_id for lock in self._locks.document_locks.values() if lock.sid == sid]
    for document_id in held:
        lock = self._locks.document_locks[document_id]
        await self._tell_released(lock, "client_disconnected")
        self._locks._forget(lock)


async def check_releasing_a_stateless_documents_lock_is_told():
    world = World()
    for sid in ("holder", "watcher"):
        await world.connect(sid)
        await world.send(sid, "join_document_room", DOCUMENT)
    await world.send("holder", "lock_document", {"document_id": "d"})
    await world.disconnect("holder")
    told = world.emitter.payloads("watcher", "document_unlocked")
    assert [(each["user_id"], each["data"]["reason"]) for each in told] == [("system", "client_disconnected")]


async def tell_only_of_known_documents(self, lock, _reason):
    if await self._states.get((lock.project_id, lock.document_id)):
        await self._tell("document_unlocked", lock, "system", {})


async def check_a_name_opens_no_lock():
    world = World()
    await world.connect("ann")
    await world.connect("eve")
    await world.send("ann", "document_change", change())
    await world.send("ann", "lock_document", {"document_id": "d", "project_id": "p", "user_id": "ann"})
    await world.send("eve", "unlock_document", {"document_id": "d", "project_id": "p", "user_id": "ann"})
    await world.send("eve", "delete_document", {**DOCUMENT, "user_id": "ann"})
    await world.send("eve", "document_change", change(version=9, data="eve's", user_id="ann"))
    await world.send("eve", "document_change", change(version=9, change_type="delete", user_id="ann"))
    assert world.emitter.events("eve") == ["unlock_failed", "error", "error", "error"]
    assert world.registries.document_states.document_states["p", "d"].content == "text"
    assert world.counts()["document_locks"] == 1


def believe_the_name(self, claimed):
    self.owner = self.user_id = claimed or self.owner
    return self.user_id


async def check_a_lock_has_a_longest_time():
    world = World()
    await world.connect("s1")
    await world.send("s1", "lock_document", {"document_id": "d", "duration": 10**12})
    assert world.emitter.events("s1") == ["error"]
    assert world.counts()["document_locks"] == 0


CHECKS = {
    "05 races": (check_locks_taken_during_a_cleanup_stay, Locking, "release_all", release_one_by_one),
    "07 silent release": (
        check_releasing_a_stateless_documents_lock_is_told,
        Locking,
        "_tell_released",
        tell_only_of_known_documents,
    ),
    "08 claimed identity": (check_a_name_opens_no_lock, Connection, "named", believe_the_name),
    "13 lock duration": (
        check_a_lock_has_a_longest_time,
        LockRequest,
        "model_validate",
        lambda raw: LockRequest.model_construct(**raw),
    ),
}

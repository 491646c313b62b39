"""Every trigger runs the same steps; a step that fails stops nothing; each removal is on record."""

from __future__ import annotations

import asyncio
import logging
import sys

import pytest

from server.audit import AuditTrail
from server.limits import Limits
from tests.server.world import HandClock, World, change, configure_logs

TRIGGERS = ["disconnect", "broadcast", "lock_expiry", "schedule", "memory", "manual"]
STEPS = ["document_locks", "broadcast_times", "document_states", "sessions", "crawls"]


async def filled(limits=None):
    """Return a world with one entry of each kind, all past their time."""
    world = World(limits)
    await world.connect("s1")
    await world.send("s1", "lock_document", {"document_id": "d", "project_id": "p"})
    await world.send("s1", "document_change", change())
    world.registries.broadcast_times.accept("p", "crawling")
    world.registries.sessions.create()
    world.registries.crawls.end(world.registries.crawls.start("http://example.invalid"))
    assert all(world.counts().values())
    world.clock.advance(100_000)
    return world


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_every_trigger_runs_the_same_steps(trigger):
    """Whatever sets the cleanup off, all that is due goes, and the record says what set it off."""

    async def clean():
        world = await filled()
        await world.domain.cleanup.run(trigger)
        return world

    world = asyncio.run(clean())
    assert not any(world.counts().values())
    assert {record.registry for record in world.audit.since(0)} == set(STEPS)
    assert {record.trigger for record in world.audit.since(0)} == {trigger}


@pytest.mark.parametrize("step", STEPS)
def test_a_failing_step_is_counted_and_stops_no_other(step):
    """The other steps run, the failure is counted, and nothing is raised."""

    async def fail(limit, trigger):
        raise RuntimeError("planned")

    async def clean():
        world = await filled()
        world.domain.cleanup.steps[step] = fail
        await world.disconnect("s1")
        return world

    world = asyncio.run(clean())
    left = {name for name, count in world.counts().items() if count}
    assert left <= {step}
    assert failures_of(world) == {step: 1}


def failures_of(world):
    return {step: count for step, count in world.domain.cleanup.failures.items() if count}


def test_a_document_that_cannot_be_left_keeps_no_lock():
    """Of two documents one fails to be left: the other is left, the locks are released, and the failure is counted."""

    async def leave():
        world = World()
        await world.connect("s1")
        for document_id in ("d1", "d2"):
            await world.send("s1", "join_document_room", {"project_id": "p", "document_id": document_id})
            await world.send("s1", "lock_document", {"project_id": "p", "document_id": document_id})
        leave = world.registries.presence.leave
        world.registries.presence.leave = lambda key, sid: bool(1 / 0) if key[1] == "d1" else leave(key, sid)
        await world.disconnect("s1")
        return world

    world = asyncio.run(leave())
    assert [key[1] for key in world.registries.presence.members._members] == ["d1"]
    assert world.counts()["document_locks"] == 0
    assert failures_of(world) == {"release": 1}


def test_a_removal_that_fails_loses_no_other_entry():
    """A failure in the middle of a batch costs the entry it happened at; the next cleanup finds the others."""

    async def clean():
        world = World()
        await world.connect("s1")
        for number in range(4):
            await world.send("s1", "document_change", change(f"changed {number}"))
            await world.send("s1", "lock_document", {"project_id": "p", "document_id": f"locked {number}"})
        world.clock.advance(100_000)
        record = world.audit.record
        world.audit.record = lambda *_, **__: 1 / 0
        await world.domain.cleanup.run("schedule")
        world.audit.record = record
        await world.domain.cleanup.run("schedule")
        return world

    world = asyncio.run(clean())
    assert failures_of(world) == {"document_locks": 1, "document_states": 1}
    assert not any(world.counts().values())


def test_a_crowded_broadcast_cleans_up_as_it_goes():
    """Above a hundred progresses a broadcast removes what is old, everywhere."""

    async def broadcast():
        world = World()
        world.registries.sessions.create()
        for number in range(100):
            world.registries.broadcast_times.accept(f"p{number}", "crawling")
        world.clock.advance(100_000)
        crawl = world.registries.crawls.start("http://example.invalid")
        await world.domain.crawling.broadcast(crawl)
        return world.counts()

    assert asyncio.run(broadcast()) == dict.fromkeys(STEPS, 0) | {"broadcast_times": 1, "crawls": 1}


def test_a_disconnect_pays_for_a_batch_and_the_schedule_for_all():
    """One client's leaving does not wait for thousands of expired entries; the schedule takes them all."""

    async def clean():
        world = World(Limits(cleanup_batch=10))
        for number in range(95):
            world.registries.broadcast_times.accept(f"p{number}", "crawling")
        world.clock.advance(100)
        await world.connect("s1")
        await world.disconnect("s1")
        left = world.counts()["broadcast_times"]
        await world.domain.cleanup.run("schedule")
        return left, world.counts()["broadcast_times"]

    assert asyncio.run(clean()) == (85, 0)


def test_a_record_says_what_went_and_why():
    """Registry, key, reason, age and trigger of a removal are on record, and the ring is bounded."""

    async def clean():
        world = World(Limits(audit_records=3))
        await world.connect("s1")
        for number in range(5):
            await world.send("s1", "lock_document", {"document_id": f"d{number}", "duration": 60_000})
            world.clock.advance(1)
        await world.disconnect("s1")
        return world.audit

    audit = asyncio.run(clean())
    assert len(audit.records) == 3
    assert (audit.number, audit.removed["document_locks"]) == (5, 5)
    last = audit.records[-1]
    assert (last.registry, last.key, last.why, last.trigger) == (
        "document_locks",
        "d4",
        "client_disconnected",
        "disconnect",
    )
    assert last.age_s == 1.0
    assert audit.since(3) == list(audit.records)[1:]
    assert audit.since(0) == list(audit.records)


def test_a_record_takes_as_many_blocks_as_the_blank_that_it_replaces():
    """The ring turned over from blanks to records, and past what integers are shared: 290 blocks had come so."""
    configure_logs(logging.CRITICAL)  # what is logged is captured, and takes blocks
    trail = AuditTrail(HandClock(), 200)

    def remove(number: int) -> None:
        for _ in range(number):
            trail.record("crawls", "key", why="expired", since_s=0.5, trigger="sweep")

    remove(1)
    before = sys.getallocatedblocks()
    remove(600)
    gained = sys.getallocatedblocks() - before
    configure_logs()
    assert gained < 20


def test_a_lock_that_expires_is_told_to_its_room():
    """Its room learns that the lock has expired, and who did it: the system."""

    async def expire():
        world = World()
        for sid in ("holder", "watcher"):
            await world.connect(sid)
            await world.send(sid, "join_document_room", {"project_id": "p", "document_id": "d"})
        await world.send("holder", "lock_document", {"document_id": "d", "duration": 1_000})
        world.clock.advance(2)
        await world.domain.cleanup.run("schedule", only=("document_locks",))
        return [world.emitter.payloads(sid, "document_unlocked") for sid in ("holder", "watcher")]

    for [told] in asyncio.run(expire()):
        assert (told["user_id"], told["data"]) == ("system", {"reason": "expired"})


def test_an_expired_lock_sets_off_the_other_steps():
    """Where the minute's look at the locks finds one expired, all steps run; where it finds none, they wait."""

    async def expire():
        world = await filled()
        await world.domain.cleanup.run_locks()
        gone = world.counts()
        world.registries.sessions.create()
        world.clock.advance(100_000)
        await world.domain.cleanup.run_locks()
        return gone, world.counts()["sessions"]

    gone, kept = asyncio.run(expire())
    assert not any(gone.values())
    assert kept == 1


def test_a_full_registry_of_broadcasts_forgets_the_oldest():
    """The cap holds whatever comes; what is forgotten is when a progress was broadcast, nothing more."""
    world = World(Limits(broadcast_times=3))
    for number in range(10):
        world.registries.broadcast_times.accept(f"p{number}", "crawling")
        world.clock.advance(0.01)
    assert list(world.registries.broadcast_times.broadcast_times) == ["p7", "p8", "p9"]


def test_a_progress_is_broadcast_ten_times_a_second_at_most():
    """Within 0.1 s only starting and the endings pass."""
    times = World().registries.broadcast_times
    assert times.accept("p", "crawling")
    assert not times.accept("p", "crawling")
    assert times.accept("other", "crawling")
    assert all(times.accept("p", status) for status in ("starting", "completed", "complete", "error"))


def test_a_room_nobody_is_in_is_not_made_by_emitting():
    """Emitting into the void leaves the library's rooms as they were."""
    from tests.server.world import LibraryWorld

    async def emit():
        world = LibraryWorld()
        await world.connect("e1")
        before = set(world.sio.manager.rooms["/"])
        await world.domain.emitter.emit("hello", {}, ["app:nobody", "app:never"])
        await world.domain.emitter.enter("gone", "app:late")
        return before, set(world.sio.manager.rooms["/"])

    before, after = asyncio.run(emit())
    assert before == after


def test_a_client_has_its_share_of_rooms():
    """The hundred-and-first room is refused with an error."""

    async def join():
        world = World(Limits(rooms_per_client=2))
        await world.connect("s1")
        for number in range(3):
            await world.send("s1", "join_chat", {"session_id": f"c{number}"})
        return world.emitter.events("s1"), len(world.emitter.rooms)

    events, rooms = asyncio.run(join())
    assert events == ["connection_confirmed", "connection_confirmed", "error"]
    assert rooms == 3  # two, and the client's own

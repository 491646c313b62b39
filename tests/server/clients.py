"""Clients that do anything in any order, for hypothesis: what is left of them, and whose lock is whose, is checked."""

from __future__ import annotations

import asyncio
import json
import logging

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from server.emitter import SocketIOEmitter
from server.simulated.crawler import CrawlStep
from tests.server.world import LibraryWorld, configure_logs, until

DAY_S = 86_400
DOCUMENTS = st.sampled_from(["d1", "d2"])
PROJECTS = st.sampled_from(["p1", "p2"])
# Some clients are strangers; others show a token, and are the same person on several connections.
PEOPLE = st.sampled_from([None, None, "ann", "bob"])
ACTIONS = st.sampled_from(
    [
        "lock",
        "lock",
        "lock",
        "lock",
        "unlock",
        "join",
        "leave",
        "edit",
        "edit",
        "batch",
        "delete",
        "chat",
        "crawl",
        "follow",
        "drop",
    ]
)


class QuickAgent:
    async def reply(self, agent_type, message):
        for word in ("one", "two"):
            await asyncio.sleep(0)
            yield word


class QuickCrawler:
    async def crawl(self, url, max_depth):
        for status in ("starting", "crawling", "completed"):
            await asyncio.sleep(0)
            yield CrawlStep(status, 0, 0, "")


class FaultyEmitter(SocketIOEmitter):
    """Fails when told to, as a network or Redis does."""

    is_failing = False

    async def emit(self, event, payload, to, skip=None):
        await asyncio.sleep(0)
        if self.is_failing:
            raise ConnectionError("planned")
        await super().emit(event, payload, to, skip)


def events_for(action, project_id, document_id, session_id, progress_id):
    """Return the packets that carry an action out."""
    ref = {"project_id": project_id, "document_id": document_id}
    edit = {"id": "c", "change_type": "content", "data": "text", "version": 1}
    table = {
        "lock": ["lock_document", {**ref, "duration": 3_600_000}],
        "unlock": ["unlock_document", ref],
        "join": ["join_document_room", ref],
        "leave": ["leave_document_room", ref],
        "edit": ["document_change", {"change": {**ref, **edit}}],
        "batch": ["document_batch_update", {**ref, "changes": [edit, {**edit, "version": 2}]}],
        "delete": ["delete_document", ref],
        "chat": ["chat_message", {"session_id": session_id, "message": "hi"}],
        "follow": ["crawl_subscribe", {"progress_id": progress_id}],
    }
    return "2" + json.dumps(table[action])


class Clients(RuleBasedStateMachine):
    """Clients on the real python-socketio; the clock is set by hand; cleanups and sending fail at random."""

    def __init__(self):
        super().__init__()
        configure_logs(logging.CRITICAL)  # thousands of planned failures
        self.loop = asyncio.new_event_loop()
        self.world = LibraryWorld(FaultyEmitter, agent=QuickAgent(), crawler=QuickCrawler())
        self.clients: list[str] = []
        self.number = 0
        self.failing: set[str] = set()
        self.steps = dict(self.world.domain.cleanup.steps)
        self.slow_down_locking()
        for name in self.steps:
            self.world.domain.cleanup.steps[name] = self.faulty(name)

    def faulty(self, name):
        async def run(limit, trigger):
            if name in self.failing:
                raise RuntimeError("planned")
            return await self.steps[name](limit, trigger)

        return run

    def slow_down_locking(self):
        """Let a lock take its time, as it does over a network."""
        locks = self.world.registries.document_locks
        acquire = locks.acquire

        async def acquire_slowly(wanted):
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            return await acquire(wanted)

        locks.acquire = acquire_slowly

    def run(self, *work):
        async def together():
            return await asyncio.gather(*work, return_exceptions=True)

        for result in self.loop.run_until_complete(together()):
            assert result is None or isinstance(result, ConnectionError), result

    @initialize()
    def begin(self):
        self.connect(None)
        self.connect(None)

    @rule(person=PEOPLE)
    def connect(self, person):
        self.number += 1
        eio_sid = f"e{self.number}"
        self.clients.append(eio_sid)
        self.loop.run_until_complete(self.world.connect(eio_sid, person))

    @precondition(lambda self: self.clients)
    @rule(
        who=st.lists(st.integers(0, 9), min_size=1, max_size=3),
        action=st.lists(ACTIONS, min_size=3, max_size=3),
        project_id=PROJECTS,
        document_id=DOCUMENTS,
        is_cut=st.booleans(),
    )
    def act(self, who, action, project_id, document_id, is_cut):
        """One to three clients act at the same time; the first may lose its connection while its event is handled."""
        actors = list(dict.fromkeys(self.clients[index % len(self.clients)] for index in who))
        owners = {self.owner_of(actor) for actor in actors}
        before = self.standing_locks()
        work = [self.work(actor, todo, project_id, document_id) for actor, todo in zip(actors, action, strict=False)]
        cut = [self.work(actors[0], "drop", project_id, document_id)] if is_cut else []
        self.run(*work, *cut)
        for name, lock in before.items():
            if lock.owner not in owners:
                held = self.world.registries.document_locks.document_locks.get(name)
                assert held == lock, f"{lock} of a client that did nothing has become {held}"

    async def work(self, actor, action, project_id, document_id):
        if action == "drop":
            if actor in self.clients:
                self.clients.remove(actor)
                await self.world.disconnect(actor)
        elif action == "crawl":
            self.world.domain.crawling.start("http://example.invalid", 1)
        else:
            session_id = self.world.registries.sessions.create().id if action == "chat" else ""
            progress_id = next(iter(self.world.registries.crawls.crawls), "p")
            await self.world.receive(actor, events_for(action, project_id, document_id, session_id, progress_id))

    def owner_of(self, eio_sid):
        connection = self.world.domain.connections.get(self.world.sio.manager.sid_from_eio_sid(eio_sid, "/"))
        return connection.owner if connection else None

    def standing_locks(self):
        now_s = self.world.clock.now_s()
        held = self.world.registries.document_locks.document_locks
        return {name: lock for name, lock in held.items() if lock.expires_at_s > now_s}

    @rule(seconds=st.sampled_from([0.05, 1, 1, 10, 61, 3_601, 7_201]))
    def pass_time(self, seconds):
        self.world.clock.advance(seconds)

    @rule(trigger=st.sampled_from(["schedule", "memory", "manual", "broadcast"]))
    def clean_up(self, trigger):
        before = self.standing_locks()
        self.loop.run_until_complete(self.world.domain.cleanup.run(trigger))
        assert self.standing_locks() == before

    @rule(name=st.sampled_from(["document_locks", "broadcast_times", "document_states", "sessions", "crawls"]))
    def break_or_mend(self, name):
        self.failing ^= {name}

    @rule()
    def break_or_mend_the_emitter(self):
        self.world.emitter.is_failing = not self.world.emitter.is_failing

    @invariant()
    def every_lock_has_its_client(self):
        here = self.world.domain.connections.connections
        assert {lock.sid for lock in self.world.registries.document_locks.document_locks.values()} <= here.keys()

    def teardown(self):
        configure_logs()
        self.failing.clear()
        self.world.emitter.is_failing = False
        try:
            self.loop.run_until_complete(self.leave_all())
        finally:
            self.loop.close()
        assert self.world.registries.counts() == dict.fromkeys(self.world.registries.counts(), 0)
        assert self.indexes() == dict.fromkeys(self.indexes(), 0)
        assert self.world.left_in_library() == {}
        assert self.world.domain.connections.connections == {}

    async def leave_all(self):
        for eio_sid in self.clients:
            await self.world.disconnect(eio_sid)
        await until(lambda: not self.world.domain.tasks.running)
        self.world.clock.advance(DAY_S)
        await self.world.domain.cleanup.run("schedule")

    def indexes(self):
        kept = self.world.registries
        expiries = {
            "locks": kept.document_locks._by_expiry,
            "states": kept.document_states._by_age,
            "times": kept.broadcast_times._by_age,
            "sessions": kept.sessions._by_age,
            "crawls": kept.crawls._ended,
        }
        sizes = {name: len(index) + len(index._heap) for name, index in expiries.items()}
        groups = (kept.document_locks._held, kept.document_states._by_project, kept.presence.members)
        return sizes | {"groups": sum(map(len, groups)), "running": len(self.world.domain.crawling._running)}

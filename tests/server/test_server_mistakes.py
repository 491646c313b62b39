"""The fifteen mistakes of the seed's system: each check holds here, and fails on the mistaken code put back in."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from types import SimpleNamespace

import pytest

from server.app import Server
from server.chat import ChatSessions
from server.chatdates import parse_time_s
from server.connections import Connection, Connections
from server.limits import Limits
from server.options import Options
from server.payloads import DocumentChange, LockRequest
from server.presence import Presence
from server.progress import BroadcastTimes
from server.services import chatting
from server.services.chatting import Chatting
from server.services.crawling import Crawling
from server.services.editing import Editing
from server.services.lifecycle import Lifecycle
from server.services.locking import Locking
from tests.server.world import LibraryWorld, World, change, until

HOUR_S = 3600
DOCUMENT = {"project_id": "p", "document_id": "d"}


async def raise_error(*_, **__):
    raise RuntimeError("planned")


# 1 ---------------------------------------------------------------------------------------------------------------


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


# 2 ---------------------------------------------------------------------------------------------------------------


async def check_a_wrong_timestamp_stores_nothing():
    world = World()
    await world.connect("s1")
    await world.send("s1", "document_change", change(timestamp="yesterday"))
    assert world.courier.events("s1") == ["error"]
    assert world.counts()["document_states"] == 0


def take_any_change(raw):
    edit = {"patch": None, "title": raw["change"]["data"]} | raw["change"]
    return SimpleNamespace(change=SimpleNamespace(**edit))


# 3 ---------------------------------------------------------------------------------------------------------------


async def check_the_last_leaver_frees_its_stale_document():
    world = World()
    await world.connect("s1")
    await world.send("s1", "join_document_room", DOCUMENT)
    await world.send("s1", "document_change", change())
    world.clock.advance(2 * HOUR_S)
    await world.domain.cleanup.run("schedule")
    assert world.counts()["document_states"] == 1, "somebody is in it"
    await world.disconnect("s1")
    assert world.counts()["document_states"] == 0


# 4 ---------------------------------------------------------------------------------------------------------------


async def check_the_clients_clock_decides_nothing():
    world = World()
    await world.connect("s1")
    for name, timestamp in {"seconds": world.clock.now_s(), "future": 9e14, "zero": 0}.items():
        await world.send("s1", "document_change", change(name, timestamp=timestamp))
    await world.disconnect("s1")
    assert world.counts()["document_states"] == 3, "all are fresh"
    world.clock.advance(HOUR_S)
    await world.domain.cleanup.run("schedule")
    assert world.counts()["document_states"] == 0, "all are stale"


def trust_the_clients_time(original):
    def edited(self, state, edit, user_id, now_s):
        return original(self, state, edit, user_id, edit.timestamp / 1000)

    return edited


# 5 ---------------------------------------------------------------------------------------------------------------


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


# 6 ---------------------------------------------------------------------------------------------------------------


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
    await world.disconnect("s1")
    await locking
    await world.domain.connections.enter(connection, "app:late")
    assert world.counts()["document_locks"] == 0
    assert world.courier.rooms == {}


# 7 ---------------------------------------------------------------------------------------------------------------


async def check_releasing_a_stateless_documents_lock_is_told():
    world = World()
    for sid in ("holder", "watcher"):
        await world.connect(sid)
        await world.send(sid, "join_document_room", DOCUMENT)
    await world.send("holder", "lock_document", {"document_id": "d"})
    await world.disconnect("holder")
    told = world.courier.payloads("watcher", "document_unlocked")
    assert [(each["user_id"], each["data"]["reason"]) for each in told] == [("system", "client_disconnected")]


async def tell_only_of_known_documents(self, lock, _reason):
    if await self._states.get((lock.project_id, lock.document_id)):
        await self._tell("document_unlocked", lock, "system", {})


# 8 ---------------------------------------------------------------------------------------------------------------


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
    assert world.courier.events("eve") == ["unlock_failed", "error", "error", "error"]
    assert world.registries.document_states.document_states["p", "d"].content == "text"
    assert world.counts()["document_locks"] == 1


def believe_the_name(self, claimed):
    self.owner = self.user_id = claimed or self.owner
    return self.user_id


# 9 ---------------------------------------------------------------------------------------------------------------


async def cost_of_disconnect_s(entries):
    world = World(Limits(broadcast_times=10**6))
    for number in range(entries):
        world.registries.broadcast_times.accept(f"p{number}", "crawling")
    best = float("inf")
    for number in range(30):
        await world.connect(f"s{number}")
        began = time.perf_counter()
        await world.disconnect(f"s{number}")
        best = min(best, time.perf_counter() - began)
    return best


async def check_a_disconnect_scans_nothing():
    assert await cost_of_disconnect_s(20_000) < 10 * await cost_of_disconnect_s(20)


async def scan_all_times(self, _limit, _trigger):
    until_s = self._clock.now_s() - 60
    old = [key for key, at_s in list(self.broadcast_times.items()) if at_s < until_s]
    return len(old)


# 10 --------------------------------------------------------------------------------------------------------------


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


# 11 --------------------------------------------------------------------------------------------------------------


async def check_an_offset_is_part_of_a_date():
    world = World()
    sessions = world.registries.sessions
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(world.clock.now_s()))
    sessions.adopt("fresh", f"{at}+00:00")
    sessions.adopt("old, though its digits look fresh", f"{at}+05:00")
    assert sessions.cleanup_chat_sessions(2) == 1
    assert list(sessions.sessions) == ["fresh"]


def drop_the_offset(value):
    return parse_time_s(str(value).split("+")[0])


# 12 --------------------------------------------------------------------------------------------------------------


async def check_a_deleted_sessions_reply_ends():
    world = World()
    session = world.registries.sessions.create()
    await world.connect("s1")
    await world.send("s1", "join_chat", {"session_id": session.id})
    await world.send("s1", "chat_message", {"session_id": session.id, "message": "hi"})
    await until(lambda: "stream_chunk" in world.courier.events("s1"))
    world.registries.sessions.delete(session.id)
    await until(lambda: not world.domain.tasks.running)
    assert world.courier.events("s1")[-1] == "stream_complete"
    assert "error" not in world.courier.events("s1")


async def answer_without_an_end(self, session, said):
    try:
        async for piece in self._agent.reply(session.agent_type, said["content"]):
            self.sessions.sessions[session.id].messages.append(piece)
            await self._tell(session, "stream_chunk", {"content": piece})
    except KeyError:
        return
    await self._tell(session, "stream_complete", {})


# 13 --------------------------------------------------------------------------------------------------------------


async def check_a_lock_has_a_longest_time():
    world = World()
    await world.connect("s1")
    await world.send("s1", "lock_document", {"document_id": "d", "duration": 10**12})
    assert world.courier.events("s1") == ["error"]
    assert world.counts()["document_locks"] == 0


async def check_a_conversation_has_a_longest_list():
    world = World(Limits(messages_per_session=5))
    session = world.registries.sessions.create()
    for number in range(20):
        world.registries.sessions.append(session, "user", str(number))
    assert [message["content"] for message in session.messages] == ["15", "16", "17", "18", "19"]


def append_for_ever(self, session, role, content):
    session.messages = [*session.messages, {"sender": role, "content": content}]


class FailingCrawler:
    async def crawl(self, url, max_depth):
        raise OSError("no route to host")
        yield


async def check_a_failed_progress_is_over():
    world = World(crawler=FailingCrawler())
    crawl = world.domain.crawling.start("http://example.invalid", 1)
    await until(lambda: not world.domain.tasks.running)
    assert crawl.status == "error"
    assert world.counts()["broadcast_times"] == 0


async def end_only_what_completed(self, crawl, status):
    crawl.status = status
    if status == "completed":
        self._broadcast_times.end(crawl.progress_id)


# 14 --------------------------------------------------------------------------------------------------------------


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


# 15 --------------------------------------------------------------------------------------------------------------


class TricklingAgent:
    async def reply(self, agent_type, message):
        for _ in range(200):
            await asyncio.sleep(0.005)
            yield "."


async def check_a_trickling_reply_is_ended():
    world = World(Limits(reply_real_s=0.05), agent=TricklingAgent())
    session = world.registries.sessions.create()
    await world.connect("s1")
    await world.send("s1", "join_chat", {"session_id": session.id})
    began = time.monotonic()
    await world.send("s1", "chat_message", {"session_id": session.id, "message": "hi"})
    assert world.domain.tasks.running, "the reply is referenced while it runs"
    await until(lambda: not world.domain.tasks.running)
    assert world.courier.events("s1")[-1] == "stream_complete"
    assert "error" in world.courier.events("s1")
    assert time.monotonic() - began < 0.7


def no_deadline(_seconds):
    class Endless:
        async def __aenter__(self):
            return self

        async def __aexit__(self, *_):
            return False

    return Endless()


CHECKS = {
    "01 raising disconnect": (
        check_a_raising_handler_keeps_no_connection,
        Lifecycle,
        "disconnect",
        disconnect_letting_errors_out,
    ),
    "02 poison record": (check_a_wrong_timestamp_stores_nothing, DocumentChange, "model_validate", take_any_change),
    "03 last leaver": (check_the_last_leaver_frees_its_stale_document, Presence, "leave", lambda *_: False),
    "04 client's clock": (
        check_the_clients_clock_decides_nothing,
        Editing,
        "_edited",
        trust_the_clients_time(Editing._edited),
    ),
    "05 races": (check_locks_taken_during_a_cleanup_stay, Locking, "release_all", release_one_by_one),
    "06 late handler": (check_a_late_handler_leaves_nothing, Connections, "is_here", lambda *_: True),
    "07 silent release": (
        check_releasing_a_stateless_documents_lock_is_told,
        Locking,
        "_tell_released",
        tell_only_of_known_documents,
    ),
    "08 claimed identity": (check_a_name_opens_no_lock, Connection, "named", believe_the_name),
    "09 scanning": (check_a_disconnect_scans_nothing, BroadcastTimes, "expire", scan_all_times),
    "10 steady clients": (check_cleanup_comes_round_without_disconnects, "server.app.repeat", None, never_come_round),
    "11 dates": (check_an_offset_is_part_of_a_date, "server.chat.parse_time_s", None, drop_the_offset),
    "12 deleted while streaming": (check_a_deleted_sessions_reply_ends, Chatting, "_answer", answer_without_an_end),
    "13 lock duration": (
        check_a_lock_has_a_longest_time,
        LockRequest,
        "model_validate",
        lambda raw: LockRequest.model_construct(**raw),
    ),
    "13 message list": (check_a_conversation_has_a_longest_list, ChatSessions, "append", append_for_ever),
    "13 failed progress": (check_a_failed_progress_is_over, Crawling, "_end", end_only_what_completed),
    "14 two handlers": (check_one_disconnect_does_it_all, "tests.server.world.register", None, None),
    "15 trickling reply": (check_a_trickling_reply_is_ended, chatting.asyncio, "timeout", no_deadline),
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_server_does_not_make_the_mistake(name):
    """The check holds on the code as it is."""
    asyncio.run(CHECKS[name][0]())


@pytest.mark.parametrize("name", CHECKS)
def test_the_check_fails_on_the_mistaken_code(name, monkeypatch):
    """The check would notice the mistake: with it put back in, the check fails."""
    check, place, attribute, mistake = CHECKS[name]
    if name.startswith("14"):
        from tests.server import world

        mistake = register_a_second_handler(world.register)
    monkeypatch.setattr(place, *([attribute, mistake] if attribute else [mistake]))
    with pytest.raises((AssertionError, TimeoutError)):
        asyncio.run(check())

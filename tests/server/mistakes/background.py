"""Mistakes about what goes on in the background: chats that are answered, crawls, and their tasks."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from types import SimpleNamespace

from server.chat import ChatSessions
from server.chatdates import parse_time_s
from server.limits import Limits
from server.services.chatting import Chatting
from server.services.crawling import Crawling
from server.tasks import Tasks
from tests.server.world import World, until


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


async def check_a_deleted_sessions_reply_ends():
    world = World()
    session = world.registries.sessions.create()
    await world.connect("s1")
    await world.send("s1", "join_chat", {"session_id": session.id})
    await world.send("s1", "chat_message", {"session_id": session.id, "message": "hi"})
    await until(lambda: "stream_chunk" in world.emitter.events("s1"))
    world.registries.sessions.delete(session.id)
    await until(lambda: not world.domain.tasks.running)
    assert world.emitter.events("s1")[-1] == "stream_complete"
    assert "error" not in world.emitter.events("s1")


async def answer_without_an_end(self, session, said):
    try:
        async for piece in self._agent.reply(session.agent_type, said["content"]):
            self.sessions.sessions[session.id].messages.append(piece)
            await self._tell(session, "stream_chunk", {"content": piece})
    except KeyError:
        return
    await self._tell(session, "stream_complete", {})


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


class TricklingAgent:
    async def reply(self, agent_type, message):
        while True:
            await asyncio.sleep(0.005)
            yield "."


async def check_a_trickling_reply_is_ended():
    world = World(Limits(reply_real_s=0.05), agent=TricklingAgent())
    session = world.registries.sessions.create()
    await world.connect("s1")
    await world.send("s1", "join_chat", {"session_id": session.id})
    await world.send("s1", "chat_message", {"session_id": session.id, "message": "hi"})
    await until(lambda: not world.domain.tasks.running, within_s=2)
    assert world.emitter.events("s1")[-1] == "stream_complete"
    assert "error" in world.emitter.events("s1")


def no_deadline(_seconds):
    class Endless:
        async def __aenter__(self):
            return self

        async def __aexit__(self, *_):
            return False

    return Endless()


async def check_a_background_task_is_referenced():
    world, waiting_for, said = World(), [], []

    async def work():
        event = asyncio.Event()  # nothing but this task knows it, as nothing but a reply knows its socket
        waiting_for.append(weakref.ref(event))
        await event.wait()
        said.append("done")

    world.domain.tasks.start(work(), "work")
    await asyncio.sleep(0)
    gc.collect()
    event = waiting_for[0]()
    assert event is not None, "the task was collected while it waited"
    event.set()
    await until(lambda: said)


def start_and_forget(self, work, name):
    return asyncio.get_running_loop().create_task(work, name=name)


CHECKS = {
    "11 dates": (check_an_offset_is_part_of_a_date, "server.chat.parse_time_s", None, drop_the_offset),
    "12 deleted while streaming": (check_a_deleted_sessions_reply_ends, Chatting, "_answer", answer_without_an_end),
    "13 message list": (check_a_conversation_has_a_longest_list, ChatSessions, "append", append_for_ever),
    "13 failed progress": (check_a_failed_progress_is_over, Crawling, "_end", end_only_what_completed),
    "15 trickling reply": (
        check_a_trickling_reply_is_ended,
        "server.services.chatting.asyncio",
        None,
        SimpleNamespace(timeout=no_deadline),
    ),
    "15 unreferenced task": (check_a_background_task_is_referenced, Tasks, "start", start_and_forget),
}

"""Chat sessions: how old they are, whoever wrote the date, and in whatever zone the server is."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from server.chatdates import parse_time_s
from server.limits import Limits
from server.problems import FullError, RefusedError
from tests.server.world import START_S, World, until

NOW = datetime.fromtimestamp(START_S, UTC)
FRESH = NOW - timedelta(hours=1)
OLD = NOW - timedelta(hours=3)
TOKYO, DENVER = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/Denver")


def dates(moment):
    """Return one moment in all the ways it comes written."""
    naive = moment.replace(tzinfo=None)
    return {
        "naive text": naive.isoformat(),
        "naive datetime": naive,
        "UTC text": moment.isoformat(),
        "Z": f"{naive.isoformat()}Z",
        "Tokyo": moment.astimezone(TOKYO).isoformat(),
        "Denver": moment.astimezone(DENVER).isoformat(),
        "half an hour": moment.astimezone(timezone(timedelta(hours=-9, minutes=-30))).isoformat(),
        "aware datetime": moment.astimezone(TOKYO),
        "microseconds": (moment + timedelta(microseconds=1)).isoformat(),
        "a blank instead of T": moment.isoformat(sep=" "),
        "basic format": moment.strftime("%Y%m%dT%H%M%SZ"),
        "padded": f"  {moment.isoformat()}\n",
        "seconds": moment.timestamp(),
        "whole seconds": int(moment.timestamp()),
        "milliseconds": moment.timestamp() * 1000,
        "seconds as text": str(moment.timestamp()),
    }


NO_DATES = {
    "empty": "",
    "blank": "  ",
    "nothing": None,
    "words": "yesterday",
    "broken": "2025-13-41T99:99:99",
    "half": "2025-01-",
    "a list": [2025, 1, 9],
    "a truth": True,
    "not a number": float("nan"),
    "infinite": float("inf"),
    "negative": -1,
    "huge": 10**400,
    "past all calendars": datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    "future": (NOW + timedelta(days=365)).isoformat(),
    "a bit in the future": (NOW + timedelta(minutes=5)).isoformat(),
    "future number": NOW.timestamp() * 2,
}

ZONES = ["UTC", "Asia/Tokyo", "America/Denver", "Pacific/Kiritimati"]


@pytest.fixture(params=ZONES)
def server_zone(request, monkeypatch):
    """Let the server be in a zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("name", dates(NOW))
def test_a_date_counts_whoever_wrote_it(name, server_zone):
    """A session of three hours ago goes and one of an hour ago stays, however the date is written."""
    sessions = World().registries.sessions
    sessions.adopt("fresh", dates(FRESH)[name])
    sessions.adopt("old", dates(OLD)[name])
    assert sessions.cleanup_chat_sessions(max_age_hours=2) == 1
    assert list(sessions.sessions) == ["fresh"]


@pytest.mark.parametrize("name", NO_DATES)
def test_what_is_no_date_counts_from_when_it_was_first_seen(name, server_zone):
    """Neither deleted at once nor kept for good: such a session goes two hours after it was first seen."""
    world = World()
    sessions = world.registries.sessions
    sessions.adopt("s", NO_DATES[name])
    world.clock.advance(7_199)
    assert sessions.cleanup_chat_sessions() == 0
    world.clock.advance(2)
    assert sessions.cleanup_chat_sessions() == 1


@pytest.mark.parametrize(("hours", "left"), [(4, 2), (2, 1), (0.5, 0), (0, 0)])
def test_the_age_is_the_callers_to_choose(hours, left):
    """``max_age_hours`` says how old is too old."""
    sessions = World().registries.sessions
    sessions.adopt("fresh", FRESH)
    sessions.adopt("old", OLD)
    assert sessions.cleanup_chat_sessions(max_age_hours=hours) == 2 - left
    assert len(sessions.sessions) == left


def test_an_adopted_date_stays_as_it_was_written():
    """What goes over the wire is the date that came, even one that is none."""
    session = World().registries.sessions.adopt("s", "yesterday")
    assert session.to_wire()["created_at"] == "yesterday"


def test_a_sessions_age_is_its_last_activity():
    """A session that is talked in does not grow old."""
    world = World()
    sessions = world.registries.sessions
    session = sessions.create()
    for _ in range(5):
        world.clock.advance(5_000)
        sessions.append(session, "user", "still here")
        assert sessions.cleanup_chat_sessions() == 0
    world.clock.advance(7_201)
    assert sessions.cleanup_chat_sessions() == 1


def test_a_session_whose_reply_streams_is_never_removed():
    """However old it is, a session being answered stays."""
    world = World()
    sessions = world.registries.sessions
    session = sessions.create()
    sessions.begin_stream(session)
    world.clock.advance(100_000)
    assert sessions.cleanup_chat_sessions() == 0
    sessions.end_stream(session)
    assert sessions.cleanup_chat_sessions() == 0, "it was active until now"
    world.clock.advance(7_201)
    assert sessions.cleanup_chat_sessions() == 1


def test_at_the_cap_the_longest_silent_session_gives_way():
    """A new session is always possible, unless all are being answered."""
    world = World(Limits(sessions=2))
    sessions = world.registries.sessions
    first, second = sessions.create(), sessions.create()
    sessions.begin_stream(first)
    third = sessions.create()
    assert set(sessions.sessions) == {first.id, third.id}, second.id
    sessions.begin_stream(third)
    with pytest.raises(FullError, match="all busy"):
        sessions.create()


def test_created_at_is_an_iso_date_of_the_servers_clock():
    """A session's date is readable and its own parser agrees with it."""
    session = World().registries.sessions.create()
    assert session.agent_type == "rag"
    assert parse_time_s(session.created_at) == START_S


def test_a_second_message_waits_for_the_first_answer():
    """A session answers one message at a time."""

    async def talk():
        world = World()
        session = world.registries.sessions.create()
        world.domain.chatting.say(session.id, "one")
        with pytest.raises(RefusedError, match="still being answered"):
            world.domain.chatting.say(session.id, "two")
        await until(lambda: not world.domain.tasks.running)
        world.domain.chatting.say(session.id, "three")
        await until(lambda: not world.domain.tasks.running)
        return [message["sender"] for message in session.messages]

    assert asyncio.run(talk()) == ["user", "agent", "user", "agent"]


def test_a_conversation_hears_everything_in_order():
    """The room hears the message, the typing, the chunks, the answer, and the end."""

    async def talk():
        world = World()
        session = world.registries.sessions.create()
        await world.connect("s1")
        await world.send("s1", "join_chat", {"session_id": session.id})
        await world.send("s1", "chat_message", {"session_id": session.id, "message": "hi"})
        await until(lambda: not world.domain.tasks.running)
        return world.emitter

    emitter = asyncio.run(talk())
    events = emitter.events("s1")
    assert events[:4] == ["connection_confirmed", "message", "typing", "stream_chunk"]
    assert events[-3:] == ["message", "typing", "stream_complete"]
    streamed = "".join(piece["content"] for piece in emitter.payloads("s1", "stream_chunk"))
    assert emitter.payloads("s1", "message")[-1]["data"]["content"] == streamed.strip()


def test_an_agent_that_fails_ends_the_stream():
    """The room learns that the agent failed, and that the stream is over; the session can be used again."""

    class FailingAgent:
        async def reply(self, agent_type, message):
            yield "well"
            raise OSError("out of words")

    async def talk():
        world = World(agent=FailingAgent())
        session = world.registries.sessions.create()
        await world.connect("s1")
        await world.send("s1", "join_chat", {"session_id": session.id})
        await world.send("s1", "chat_message", {"session_id": session.id, "message": "hi"})
        await until(lambda: not world.domain.tasks.running)
        assert not session.is_streaming
        return world.emitter.events("s1")

    events = asyncio.run(talk())
    assert "error" in events
    assert events[-1] == "stream_complete"

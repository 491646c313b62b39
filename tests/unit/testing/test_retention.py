"""`retains_nothing`: what stayed is named with its line, and what the test alone holds is not mistaken for it."""

from __future__ import annotations

import asyncio
import gc

import pytest
import socketio

from soakproof.testing import RetainedError, retains_nothing

VISITORS: dict[str, str] = {}
LATEST: dict[str, str] = {}


class Session:
    pass


class Shop:
    """An application as a fixture makes it: no module holds it."""

    def __init__(self):
        self.sessions = []
        self.first = None

    async def enter(self, sid):
        self.sessions.append(Session())

    async def enter_and_leave(self, sid):
        session = Session()
        self.sessions.append(session)
        await asyncio.sleep(0)
        self.sessions.remove(session)


class Client:
    def __init__(self, number=0):
        self.got = []
        self.sid = f"sid-{number}"

    async def live(self, handler):
        self.got.append(await handler(self.sid))


async def remember(sid):
    VISITORS[sid] = f"address of {sid}"  # made here: what comes from one of Python's free lists has no line


async def remember_latest(_sid):
    LATEST["latest"] = "1.2.3.4"


async def linger(sid):
    asyncio.get_running_loop().call_later(0.05, VISITORS.pop, sid)
    VISITORS[sid] = "1.2.3.4"


@pytest.fixture(autouse=True)
def clean():
    yield
    VISITORS.clear()
    LATEST.clear()


@pytest.fixture
def shop():
    return Shop()


def play(handler, clients=1, **options):
    async def main():
        async with retains_nothing(clients, **options):
            for number in range(clients):
                await Client(number).live(handler)

    asyncio.run(main())


def test_an_entry_of_a_module_is_named_with_its_line():
    """The container, the line that fills it, and the chain that holds it stand in the message."""
    with pytest.raises(RetainedError) as raised:
        play(remember)
    said = str(raised.value)
    assert "test_retention:VISITORS  +1 entry" in said
    assert "in remember" in said
    assert 'VISITORS[sid] = f"address of {sid}"' in said
    assert "VISITORS: dict (1 entries)" in said


def test_what_a_fixtures_application_keeps_is_found(shop):
    """No module leads to an application that a fixture made, and what it keeps is kept all the same."""
    with pytest.raises(RetainedError, match=r"Shop.sessions  \+3 entries"):
        play(shop.enter, clients=3)


def test_one_object_without_a_container_is_found(shop):
    """An attribute that holds the client's session is no container, and the object tells of it."""

    async def enter(_sid):
        shop.first = Session()

    with pytest.raises(RetainedError, match=r"type \S*test_retention.Session  \+1 object"):
        play(enter)


def test_who_goes_leaves_nothing(shop):
    """A handler that clears up passes, as does one that writes over what was there before."""
    play(shop.enter_and_leave, clients=3)
    asyncio.run(remember_latest("before"))
    play(remember_latest)


def test_the_tests_own_client_is_no_leak(shop):
    """The client that the test still holds, and the answers that it has collected, are the test's own."""
    answers = []

    async def main():
        with retains_nothing():
            client = Client()
            await client.live(shop.enter_and_leave)
            answers.append(client.got)
        assert client.got

    asyncio.run(main())
    assert answers


def test_what_goes_a_moment_later_is_waited_for():
    """A timer that clears up runs while ``async with`` lets the loop run, and is not given that time without."""
    play(linger, settle_s=5)
    with pytest.raises(RetainedError, match="VISITORS"):
        play(linger, settle_s=0)


def test_a_task_that_stays_is_found():
    """A task that never ends is told by its coroutine."""

    async def stay_forever():
        await asyncio.Event().wait()

    kept = []

    async def enter(_sid):
        kept.append(asyncio.create_task(stay_forever()))

    with pytest.raises(RetainedError, match=r"task \S*stay_forever  \+1 task"):
        play(enter)


def test_the_librarys_registry_is_told_by_its_name():
    """A client that python-socketio is never told of again stays in its rooms."""
    server = socketio.AsyncServer(async_mode="asgi")

    async def enter(sid):
        await server.manager.connect(f"eio-{sid}", "/")

    async def enter_and_leave(sid):
        await server.manager.disconnect(await server.manager.connect(f"eio-{sid}", "/"), "/")

    asyncio.run(enter_and_leave("first"))
    play(enter_and_leave, clients=2)
    with pytest.raises(RetainedError, match=r"manager.rooms  \+4 entries"):
        play(enter, clients=2)


def test_what_is_filled_once_is_no_leak_of_many():
    """With several clients, one entry for all of them is taken for a cache; with one client it counts."""
    play(remember_latest, clients=4)
    LATEST.clear()
    with pytest.raises(RetainedError, match="LATEST"):
        play(remember_latest)


def test_a_failure_of_the_test_itself_is_told_as_it_is():
    """An exception in the block passes through, whatever stayed, and the collector looks at all objects again."""
    with pytest.raises(ZeroDivisionError), retains_nothing():
        VISITORS["sid"] = str(1 // 0)
    assert gc.get_freeze_count() == 0


def test_no_clients_are_refused():
    """Without a client there is nothing to look at."""
    with pytest.raises(ValueError, match="need 1 or more"):
        retains_nothing(clients=0)

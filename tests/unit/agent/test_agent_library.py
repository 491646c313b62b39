"""The Socket.IO library's own registries, and the ping of its servers, as the agent reads and sets them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import socketio

from soakproof.agent.objects import kinds
from tests.unit.agent.agent_target import Agent, free_port, running, wait_for

WELL_KNOWN = [
    "eio.sockets",
    "manager.rooms",
    "manager.room_names",
    "manager.callbacks",
    "manager.pending_connect",
    "manager.pending_disconnect",
    "manager.eio_to_sid",
    "environ",
    "_binary_packet",
]
Connect = Callable[[], socketio.SimpleClient]


@contextmanager
def serving(directory: Path, *app: str) -> Iterator[tuple[Agent, Connect]]:
    """Run a Socket.IO server; give its agent, and a function that connects a client."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        *(app or ("agent_asgi:app",)),
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]
    clients = []

    def try_to_connect() -> socketio.SimpleClient | None:
        client = socketio.SimpleClient()
        try:
            client.connect(f"http://127.0.0.1:{port}", transports=["websocket"])
        except socketio.exceptions.ConnectionError:
            return None
        clients.append(client)
        return client

    with running(command, directory) as target:
        try:
            yield target.serving(), lambda: wait_for(try_to_connect, "a server that listens")
        finally:
            for client in clients:
                client.disconnect()


def library(agent: Agent) -> dict[str, float]:
    """Return the counters of the library's registries, by their labels."""
    metrics: dict[str, float] = agent.ask("counters")["metrics"]
    return {name.partition(":")[2]: value for name, value in metrics.items() if name.startswith("library:")}


def test_the_registries_are_listed_when_empty(short_path: Path) -> None:
    """Every well-known registry is reported as 0 before the first client, by counters and census alike."""
    with serving(short_path) as (agent, _):
        counted = library(agent)
        assert {label: counted[label] for label in WELL_KNOWN} == dict.fromkeys(WELL_KNOWN, 0)
        metrics = agent.census()["metrics"]
        assert {metrics[f"library:{label}"] for label in WELL_KNOWN} == {0}


def test_the_registries_count_what_clients_hold(short_path: Path) -> None:
    """Sockets, environs, memberships, rooms and unanswered callbacks are counted with clients there, and 0 after."""
    with serving(short_path) as (agent, connect):
        clients = [connect(), connect()]
        for client in clients:
            client.call("join", "lobby")
        clients[0].call("ask", "anything")
        counted = library(agent)
        # Each sid is in the room of all, in a room of its own and in the lobby.
        assert (counted["eio.sockets"], counted["environ"]) == (2, 2)
        assert (counted["manager.rooms"], counted["manager.room_names"]) == (6, 4)
        # The client answers, known event or not; what stays is the counter of its callbacks.
        wait_for(lambda: library(agent)["manager.callbacks"] == 1, "an answered callback")
        for client in clients:
            client.disconnect()
        wait_for(lambda: not any(library(agent)[label] for label in WELL_KNOWN), "empty registries")


def test_a_registry_of_the_application_is_told_from_the_librarys(short_path: Path) -> None:
    """A dict of atoms in the application is a registry; environs and rooms are the library's, and listed only once."""
    with serving(short_path) as (agent, connect):
        agent.census()
        connect().call("join", "lobby")
        answer = agent.census()
        assert answer["metrics"]["registry:agent_asgi.SEEN"] == 1
        assert not [
            name for name in answer["metrics"] if name.startswith(("registry:", "container:")) and "environ" in name
        ]


def test_a_librarys_container_has_its_package(short_path: Path) -> None:
    """A container of a library is told with the distribution it is from, name and version."""
    with serving(short_path) as (agent, connect):
        agent.census()
        connect().call("join", "lobby")
        infos = agent.census()["infos"]
        packages = {info.get("package", "").partition(" ")[0] for info in infos if info["origin"] == "library"}
        assert "python-engineio" in packages


def test_the_librarys_registries_have_their_owner_and_package(short_path: Path) -> None:
    """Each well-known registry is told once with its owner path, and the distribution and version it belongs to."""
    with serving(short_path) as (agent, _):
        infos = {info["metric"]: info for info in agent.census()["infos"]}
        assert infos["library:eio.sockets"]["owner"] == "engineio.async_server:AsyncServer.sockets"
        assert infos["library:eio.sockets"]["package"] == f"python-engineio {version('python-engineio')}"
        assert infos["library:manager.rooms"]["package"] == f"python-socketio {version('python-socketio')}"
        assert {info["origin"] for metric, info in infos.items() if metric.startswith("library:")} == {"library"}
        assert not [info for info in agent.census()["infos"] if info["metric"].startswith("library:")]


ERRING = """
import functools, socketio

sio = socketio.AsyncServer(async_mode="asgi")
NAMES, KEPT = {}, []


def logged(handler):
    @functools.wraps(handler)
    async def wrapper(*args):
        return await handler(*args)
    return wrapper


@sio.on("remember")
@logged
async def handle_it(sid, word):
    await keep(word)


@sio.on("other")
@logged
async def handle_another(sid, word):
    try:
        forget(word)
    except KeyError:
        return "unknown"


async def keep(word):
    KEPT.append(word)


class Rooms(socketio.AsyncNamespace):
    async def on_disconnect(self, sid, reason):
        forget(sid)


def forget(sid):
    del NAMES[sid]  # raises


sio.register_namespace(Rooms("/"))
app = socketio.ASGIApp(sio)
"""


@pytest.fixture
def erring_app(tmp_path: Path) -> str:
    """An application of which the disconnect handler, a method of a namespace, raises."""
    (tmp_path / "erring_app.py").write_text(ERRING)
    return str(tmp_path)


def test_handlers_are_told_by_what_they_fill_and_what_they_raise(short_path: Path, erring_app: str) -> None:
    """The event in whose handler a list is filled is named through wrapper and helper; so is the error that escapes."""
    app = ["--app-dir", erring_app, "erring_app:app"]
    with serving(short_path, *app) as (agent, connect):
        clients = [connect() for _ in range(2)]
        clients[0].call("remember", "first")
        agent.ask("follow", owners=["erring_app:KEPT"])
        for client in clients:
            client.call("remember", "again")
            assert client.call("other", "nothing") == "unknown"
            client.disconnect()
        wait_for(lambda: library(agent)["eio.sockets"] == 0, "clients that are gone")
        told = agent.ask("followed")
        assert told["events"] == {"erring_app:KEPT": {"remember": 2}}
        [error] = told["raised"]
        assert (error["event"], error["error"], error["function"]) == ("disconnect", "KeyError", "forget")
        assert error["source"] == "del NAMES[sid]  # raises"
        assert error["count"] >= 2


@pytest.fixture
def late_app(tmp_path: Path) -> str:
    """An application that makes its server two seconds after it was started, in a place of its own."""
    (tmp_path / "late_app.py").write_text(
        "import asyncio, socketio\n"
        "sio = None\n"
        "async def app(scope, receive, send):\n"
        "    global sio\n"
        "    if scope['type'] == 'lifespan':\n"
        "        await receive()\n"
        "        sio = socketio.AsyncServer(async_mode='asgi')\n"
        "        await send({'type': 'lifespan.startup.complete'})\n"
        "        await receive()\n"
        "        await send({'type': 'lifespan.shutdown.complete'})\n"
    )
    return str(tmp_path)


def test_the_ping_reaches_servers_that_are_made_later(short_path: Path, late_app: str) -> None:
    """A ping asked for before any server exists is set on those that come."""
    command = [sys.executable, "-m", "uvicorn", "--app-dir", late_app, "late_app:app", "--port", str(free_port())]
    with running(command, short_path) as target:
        agent = target.agent()
        assert agent.ask("ping", interval_s=2, timeout_s=1)["previous"] == {"interval_s": None, "timeout_s": None}
        engine = wait_for(lambda: agent.ask("hello")["engines"], "a server")[0]
        assert (engine["ping_interval_s"], engine["ping_timeout_s"]) == (2, 1)


def test_the_first_ping_can_be_restored(short_path: Path) -> None:
    """Nulls give every server back what it had at first; the answer tells what it had before."""
    with serving(short_path) as (agent, _):
        assert agent.ask("ping", interval_s=2, timeout_s=1)["previous"] == {"interval_s": 25, "timeout_s": 20}
        assert agent.ask("ping", interval_s=None, timeout_s=None)["previous"] == {"interval_s": 2, "timeout_s": 1}
        engine = agent.ask("hello")["engines"][0]
        assert (engine["ping_interval_s"], engine["ping_timeout_s"]) == (25, 20)


def test_a_shortened_ping_ends_a_sweep_that_sleeps(short_path: Path) -> None:
    """The library's sweep for dead sockets, asleep for its old timeout, ends; the next client starts a new one."""
    with serving(short_path) as (agent, connect):
        connect().call("join", "lobby")

        def sweeps() -> float:
            tasks: dict[str, Any] = agent.census()["metrics"]
            return float(tasks.get("task:AsyncServer._service_task", 0))

        assert sweeps() == 1
        agent.ask("ping", interval_s=2, timeout_s=1)
        wait_for(lambda: sweeps() == 0, "the end of the old sweep")
        connect().call("join", "lobby")
        assert sweeps() == 1


def test_connection_objects_are_counted_wherever_they_are(short_path: Path) -> None:
    """The number of Engine.IO's socket objects comes with the objects, and falls when clients have gone."""
    with serving(short_path) as (agent, connect):
        agent.ask("ping", interval_s=1, timeout_s=1)
        client = connect()
        client.call("join", "lobby")
        assert agent.ask("objects", collect=True)["connections"] == 1
        client.disconnect()

        def are_gone() -> bool:
            agent.ask("sweep")
            return agent.ask("objects", collect=True)["connections"] == 0

        wait_for(are_gone, "the connection object to go")


def test_an_iterator_is_no_container() -> None:
    """The copy of the sockets that a sweep goes through is as long as the loop lasts, and nobody's registry."""
    assert kinds.kind_of_type(dict) == kinds.MAPPING
    for iterator in (iter({}.values()), iter({}), iter([]), iter(set())):
        assert kinds.kind_of_type(type(iterator)) == kinds.STRUCTURE

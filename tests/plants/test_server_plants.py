"""Each planted leak grows with the clients, each trap stays within its bound, and neither is there unasked."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from server.app import Server
from server.limits import Limits
from server.options import Options
from server.plants import LEAKS, PLANTS, TRAPS, check, leaks, mistakes, plant_all, resources, traps
from tests.server.world import LOOPBACK

CLIENTS = 40


class Driven:
    """A server on the real python-socketio, without a network; its clients come, work and go."""

    def __init__(self, *plants):
        limits = Limits(document_ttl_s=0, broadcast_ttl_s=0, session_ttl_hours=0, crawl_ttl_s=0, crawls=10_000)
        self.server = Server(Options(), limits)
        plant_all(self.server, plants)
        self.domain = self.server.collaboration
        self.registries = self.domain.registries
        self.manager = self.server.sio.manager

    async def visit(self, number, words="transport close"):
        """Let a client connect, do a bit of everything, and drop without cleaning up after itself."""
        eio_sid, sio = f"e{number}", self.server.sio
        await sio._handle_eio_connect(eio_sid, LOOPBACK)
        await sio._handle_eio_message(eio_sid, "0")
        ref = f'"project_id":"p","document_id":"d{number}"'
        edit = f'"id":"c","change_type":"content","data":"x","version":1,{ref}'
        for packet in (
            f'2["join_document_room",{{{ref}}}]',
            f'2["document_change",{{"change":{{{edit}}}}}]',
            f'2["lock_document",{{{ref},"duration":3600000}}]',
        ):
            await sio._handle_eio_message(eio_sid, packet)
        self.registries.sessions.create()
        self.domain.crawling.start("http://example.invalid", 1)
        await sio._handle_eio_disconnect(eio_sid, words)

    async def finish(self):
        """Wait until what runs by itself has ended, then clean up."""
        while self.domain.tasks.running:
            await asyncio.wait(list(self.domain.tasks.running))
        await self.domain.cleanup.run("schedule")


def count_of_type(kind):
    return sum(type(each) is kind for each in gc.get_objects())


def resident_bytes(_):
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


# name: how to count what it leaves, and how much of that a client leaves
LEFT = {
    "broadcast-times": (lambda driven: len(driven.registries.broadcast_times.broadcast_times), 1),
    "document-states": (lambda driven: len(driven.registries.document_states.document_states), 1),
    "document-locks": (lambda driven: len(driven.registries.document_locks.document_locks), 1),
    "chat-sessions": (lambda driven: len(driven.registries.sessions.sessions), 1),
    "raising-disconnect": (lambda driven: len(driven.manager.rooms.get("/", {}).get(None, {})), 1),
    "poison-record": (lambda driven: len(driven.registries.document_states.document_states), 1),
    "last-leaver": (lambda driven: len(driven.registries.presence.members), 1),
    "late-lock": (lambda driven: len(driven.registries.document_locks.document_locks), 1),
    "growing-document": (lambda _: len(mistakes.MINUTES["the shared document"]), 1),
    "empty-rooms": (lambda driven: len(driven.manager.rooms["/"]) if "/" in driven.manager.rooms else 0, 1),
    "global-list": (lambda _: len(leaks.VISITORS), 1),
    "closure": (lambda _: count_of_type(leaks.Client), 1),
    "one-in-twenty": (lambda _: len(leaks.RARE["one in 20"]), 1 / 20),
    "one-in-a-hundred": (lambda _: len(leaks.RARE["one in 100"]), 1 / 100),
    "exception-traceback": (lambda _: len(leaks.FAILURES), 1),
    "logger-handlers": (lambda _: len(logging.getLogger("server.plants.greetings").handlers), 1),
    "weakref-callback": (lambda _: len(leaks.DEAD), 1),
    "contextvar": (lambda _: len(leaks.TRACES.get()), 1),
    "orphan-task": (lambda _: sum("wait_for_days" in repr(task) for task in asyncio.all_tasks()), 1),
    "thread": (lambda _: threading.active_count(), 1 / 10),
    "fd": (lambda _: len(list(Path("/proc/self/fd").iterdir())), 1 / 10),
}


async def drive(name, clients, words="transport close"):
    driven = Driven(name)
    count, _ = LEFT[name.partition("@")[0]]
    await driven.visit("first", words)
    await driven.finish()
    before = count(driven)
    for number in range(clients):
        await driven.visit(number, words)
    await driven.finish()
    return count(driven) - before


@pytest.mark.parametrize("name", LEFT)
def test_a_leak_grows_with_the_clients(name, monkeypatch):
    """What the plant leaves grows by what it says for each client."""
    if name == "raising-disconnect":
        monkeypatch.setattr(Driven, "visit", suppressing(Driven.visit))
    clients = 200 if name == "one-in-a-hundred" else CLIENTS
    left = asyncio.run(drive(name, clients))
    assert left == pytest.approx(clients * LEFT[name][1], abs=1)


@pytest.mark.parametrize("name", LEFT)
def test_a_rate_says_how_many_of_the_clients_leak(name, monkeypatch):
    """With a rate of a tenth each tenth client leaves something, whatever the plant's own rate is."""
    if name == "raising-disconnect":
        monkeypatch.setattr(Driven, "visit", suppressing(Driven.visit))
    left = asyncio.run(drive(f"{name}@0.1", 2 * CLIENTS))
    assert left == pytest.approx(2 * CLIENTS / 10, abs=1)


def suppressing(visit):
    async def visit_suppressing(self, *args):
        with suppress(RuntimeError):
            await visit(self, *args)

    return visit_suppressing


def test_the_one_drop_mode_only_leak_needs_that_mode():
    """Clients that just drop are forgotten; those that say goodbye are not."""
    LEFT["one-drop-mode-only"] = (lambda _: len(leaks.GRACEFUL), 1)
    assert asyncio.run(drive("one-drop-mode-only", CLIENTS, "transport close")) == 0
    assert asyncio.run(drive("one-drop-mode-only", CLIENTS, "client disconnect")) == CLIENTS


def test_callbacks_gather_while_the_client_stays():
    """Each event leaves a callback with the library until the client goes."""

    async def stay():
        driven = Driven("unacked-callback")
        sio = driven.server.sio
        await sio._handle_eio_connect("e1", LOOPBACK)
        await sio._handle_eio_message("e1", "0")
        for _ in range(CLIENTS):
            await sio._handle_eio_message("e1", '2["subscribe_projects",{}]')
        [callbacks] = driven.manager.callbacks.values()
        return len(callbacks) - 1  # one entry is the counter

    assert asyncio.run(stay()) == CLIENTS


def test_native_memory_grows_unseen():
    """Memory grows by 4 KiB per client that no Python object accounts for."""
    # A part of it may be memory that the process had freed and kept.
    assert asyncio.run(drive_native(5_000)) > 5_000 * 4_096 * 0.7


async def drive_native(clients):
    server = Server()
    resources.plant_native(server)
    allocate = server.sio.handlers["/"]["connect"]
    before = resident_bytes(None)
    for number in range(clients):
        allocate(f"s{number}", LOOPBACK)
        server.collaboration.connections.remove(f"s{number}")
    return resident_bytes(None) - before


def test_a_frozen_cycle_is_never_collected():
    """With the collector frozen, cycles outlive a full collection."""
    code = (
        "import asyncio, gc\n"
        "from server.app import Server\n"
        "from server.plants import leaks\n"
        "server = Server()\n"
        "leaks.plant_reference_cycle(server)\n"
        "alive = []\n"
        "init = leaks.Client.__init__\n"
        "import weakref\n"
        "def noting(self, sid): init(self, sid); alive.append(weakref.ref(self))\n"
        "leaks.Client.__init__ = noting\n"
        "environ = {'asgi.scope': {'headers': [], 'client': ('127.0.0.1', 1)}}\n"
        "for n in range(40): server.sio.handlers['/']['connect'](f's{n}', environ)\n"
        "gc.collect()\n"
        "print(sum(ref() is not None for ref in alive))\n"
    )
    assert run_python(code) == "80"


SIZES = {
    "lru-cache": (lambda: traps.greet.cache_info().currsize, 512),
    "ttl-cache": (lambda: len(traps.CACHE), 0),
    "deque-ring": (lambda: len(traps.RING), 1_000),
    "high-water": (lambda: len(traps.BUFFERS), 0),
    "sawtooth": (lambda: len(traps.TEETH), 1_000),
    "connection-pool": (lambda: len(traps.POOL), 1),
    "interned-strings": (lambda: len(traps.NAMES), 500),
    "slow-drain": (lambda: len(traps.BACKLOG), 0),
}


async def trap(name, clients):
    driven = Driven(name)
    for number in range(clients):
        await driven.server.sio._handle_eio_connect(f"e{number}", LOOPBACK)
        await driven.server.sio._handle_eio_message(f"e{number}", "0")
        await driven.server.sio._handle_eio_disconnect(f"e{number}", "transport close")
    async with asyncio.timeout(30):
        while SIZES[name][0]() > SIZES[name][1]:  # noqa: ASYNC110 -- it drains by timers that set no event
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("name", SIZES)
def test_a_trap_is_bounded(name, monkeypatch):
    """After 1,200 clients the trap holds no more than it says, or soon holds nothing."""
    monkeypatch.setattr(traps, "_CACHE_REAL_S", 0.2)
    monkeypatch.setattr(traps, "_DRAINED_PER_S", 2_000)
    asyncio.run(trap(name, 1_200))


def test_help_describes_each_plant_in_a_sentence():
    """``--plant help`` lists all, each with one sentence."""
    listed = run_python(None, "-m", "server", "--plant", "help")
    for name, plant in PLANTS.items():
        [line] = [line for line in listed.splitlines() if line.strip().startswith(f"{name} ")]
        assert plant.__doc__.strip() in line
        assert plant.__doc__.strip().endswith(".")
        assert "\n" not in plant.__doc__.strip()
    assert len(LEAKS) == 25
    assert len(TRAPS) == 8


def test_a_plant_is_a_few_lines():
    """No plant is longer than twenty lines, docstring included."""
    import inspect

    assert {name: len(inspect.getsource(plant).splitlines()) for name, plant in PLANTS.items()} == {
        name: pytest.approx(10, abs=10) for name in PLANTS
    }


def test_without_a_plant_none_of_the_code_is_imported():
    """A server that was not asked to plant anything has not loaded the plants."""
    code = (
        "import sys\n"
        "from server import __main__\n"
        "from server.app import Server\n"
        "Server()\n"
        "print([name for name in sys.modules if name.startswith('server.plants')])\n"
    )
    assert run_python(code) == "[]"


@pytest.mark.parametrize(
    ("plant", "sentence"),
    [
        ("oak", "--plant oak: no such plant; need one of broadcast-times,"),
        ("fd@2", "--plant fd@2: rate '2', need more than 0 and at most 1, as in fd@0.01"),
        ("fd@0", "--plant fd@0: rate '0', need more than 0 and at most 1"),
        ("fd@", "--plant fd@: rate '', need more than 0 and at most 1"),
        ("fd@nan", "--plant fd@nan: rate 'nan', need more than 0 and at most 1"),
        ("sawtooth@0.1", "--plant sawtooth@0.1: a trap has no rate; write sawtooth"),
    ],
)
def test_a_plant_that_cannot_be_is_refused_in_a_sentence(plant, sentence, capsys):
    """A wrong name or rate ends the command with exit code 2 and what to write instead."""
    assert refuse([plant]) == 2
    assert sentence in capsys.readouterr().err


def test_a_plant_in_memory_is_refused_with_redis(capsys):
    """A leak of what lives in Redis would leak nothing, and is refused rather than planted in vain."""
    assert refuse(["document-locks@0.1"], has_redis=True) == 2
    assert "leave one out" in capsys.readouterr().err


def refuse(plants, *, has_redis=False):
    with pytest.raises(SystemExit) as caught:
        check(plants, has_redis=has_redis)
    return caught.value.code


def test_several_workers_refuse_a_plant_before_they_are_started():
    """The command says once what is wrong, instead of starting workers that end at once."""
    options = ["--port", "0", "--workers", "2", "--redis", "redis://127.0.0.1:1", "--plant", "oak"]
    command = [sys.executable, "-m", "server", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--plant oak: no such plant")
    assert done.stderr.count("\n") == 1


def run_python(code, *args):
    arguments = ["-c", code] if code else args
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()

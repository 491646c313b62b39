"""Each planted leak grows with the clients, as many for each as it says."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from server.app import Server
from server.plants import leaks, mistakes, resources
from server.plants.share import Share
from tests.plants.driven import Driven, run_python
from tests.server.world import LOOPBACK

CLIENTS = 40


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


def test_a_document_in_use_is_not_poisoned():
    """It would find its place again when its clients leave, and the plant would have spent its share on nothing."""
    share, popped = Share(1.0), []
    share.count()
    index = mistakes._Poisoned(share, lambda key: key == "used")
    index.set("used", 0.0)
    index.set("unused", 0.5)
    with pytest.raises(TypeError, match="unused"):
        popped.extend(index.pop_due(1.0, 9))
    assert popped == ["used"]
    assert len(index) == 0


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
    assert asyncio.run(drive_native(5_000)) > 5_000 * 4_096 * 0.7


async def drive_native(clients):
    server = Server()
    resources.plant_native(server)
    allocate = server.sio.handlers["/"]["connect"]
    ctypes.CDLL(None).malloc_trim(0)  # what other tests have freed would be taken first, and not be seen
    before = resident_bytes(None)
    for number in range(clients):
        allocate(f"s{number}", LOOPBACK)
        server.collaboration.connections.remove(f"s{number}")
    return resident_bytes(None) - before


FROZEN = """
import asyncio, gc, weakref
from server.plants import leaks
from tests.plants.driven import Driven
from tests.server.world import until

alive = []
make = leaks.Client.__init__

def note(self, sid):
    make(self, sid)
    alive.append(weakref.ref(self))

async def drive():
    driven = Driven("reference-cycle")
    for number in range(40):
        await driven.visit(number)
    await driven.finish()
    await until(lambda: not driven.server.background.running)
    gc.collect()
    return sum(client() is not None for client in alive)

leaks.Client.__init__ = note
print(asyncio.run(drive()))
"""


def test_a_frozen_cycle_is_never_collected():
    """With the collector frozen, both objects of each client outlive a full collection, and nothing refers to them."""
    assert run_python(FROZEN).splitlines()[-1] == "80"

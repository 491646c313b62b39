"""One leak, one culprit, on real servers: what no container shows, what hides in objects, and what a handler causes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.commands import CLEAN, soak

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
ENTER = '    await sio.enter_room(sid, "lobby")'

NATIVE = """
import ctypes

LIBC = ctypes.CDLL(None)
LIBC.malloc.restype = ctypes.c_void_p
LIBC.malloc.argtypes = [ctypes.c_size_t]
LIBC.free.argtypes = [ctypes.c_void_p]


async def keep(sid):
    taken = LIBC.malloc(2048)
    ctypes.memset(taken, 1, 2048)
"""

HIDDEN = """
class Room:
    def __init__(self):
        self.history = []
        self.members = {}


class Hub:
    def __init__(self):
        self._rooms = {}


def make():
    hub = Hub()

    async def keep(sid):
        room = hub._rooms.setdefault(sid, Room())
        room.history.append({"text": "hello", "tags": [sid]})
        room.members[sid] = {"since": 0.0}

    return keep


keep = make()
"""

TWO = """
import ctypes


class Orphan:
    pass


SEEN = {}


async def keep(sid):
    SEEN[sid] = True
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(Orphan()))
"""

TASK = """
import asyncio


async def wait_for_days():
    await asyncio.sleep(10**6)


async def keep(sid):
    asyncio.create_task(wait_for_days())
"""

RAISING = """
NAMES = {}


async def keep(sid):
    pass


@sio.event
async def disconnect(sid, reason):
    del NAMES[sid]
"""


def culprits(directory: Any, source: str, *options: str, **how: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Soak a server with these lines in it; return its verdict, and the leaks that are none's consequence."""
    server = CLEAN.replace("\n\n@sio", f"\n{source}\n\n@sio", 1).replace(ENTER, f"{ENTER}\n    await keep(sid)")
    verdict = soak(directory, server, "--waves", "9", *options, **how).verdict
    return verdict, [each for each in verdict["findings"] if each["verdict"] == "leak" and each["is_deciding"]]


def test_memory_that_python_never_saw_is_named_native(tmp_path):
    """Two KiB of C memory a connection, with every count flat, are a leak of native memory, found by elimination."""
    verdict, [leak] = culprits(tmp_path, NATIVE)
    assert verdict["verdict"] == "leak"
    assert leak["kind"] in {"heap", "process"}
    assert leak["culprit"]["owner"] == "native memory"
    assert leak["reason"].endswith("native memory")
    assert "ctypes" in leak["culprit"]["note"]
    assert leak["per_connection"] == pytest.approx(2048, rel=0.1)


def test_native_memory_that_is_freed_is_no_leak(tmp_path):
    """The same server, giving the memory back, is bounded."""
    verdict, leaks = culprits(tmp_path, NATIVE + "    LIBC.free(taken)\n")
    assert (verdict["verdict"], leaks) == ("bounded", []), verdict["reason"]


def test_what_lies_in_hidden_objects_is_folded_under_what_keeps_them(tmp_path):
    """Rooms that only a closure reaches are one leak, with the lists and dicts in each as its consequences."""
    _, leaks = culprits(tmp_path, HIDDEN)
    assert [leak["culprit"]["owner"] for leak in leaks] == ["app:Hub._rooms"], [leak["name"] for leak in leaks]
    assert leaks[0]["culprit"]["event"] == "connect"


def test_two_leaks_in_step_stay_two(tmp_path):
    """A dictionary and a class that grow alike are two leaks where C code, and no container, keeps the objects."""
    _, leaks = culprits(tmp_path, TWO)
    assert [leak["name"] for leak in leaks] == ["app.SEEN", "app.Orphan"]
    assert "held outside Python" in leaks[1]["culprit"]["note"]


def test_a_task_is_named_by_where_it_waits_and_who_made_it(tmp_path):
    """A task that waits for days is told with its line, and with the line that created it."""
    _, leaks = culprits(tmp_path, TASK)
    assert leaks[0]["name"] == "wait_for_days"
    note = leaks[0]["culprit"]["note"]
    assert "waits at app.py:" in note
    assert "; created by " in note
    assert " at app.py:" in note


def test_a_handler_that_raises_is_the_trigger_of_what_the_library_keeps(tmp_path):
    """The library's registries leak because the disconnect handler raises, and its line is the one to look at."""
    _, leaks = culprits(tmp_path, RAISING)
    assert leaks[0]["kind"] == "library"
    culprit = leaks[0]["culprit"]
    assert "the disconnect handler raising KeyError at app.py:" in culprit["trigger"]
    assert culprit["sites"][0]["source"] == "del NAMES[sid]"
    assert culprit["package"].startswith("python-socketio ")


GARBAGE = """
import gc

gc.disable()


class Session:
    def __init__(self):
        self.me = self


async def keep(sid):
    Session()
"""

ONE_WORKER = """
import os

SEEN = {}
try:
    os.close(os.open("first", os.O_CREAT | os.O_EXCL))
    IS_FIRST = True
except FileExistsError:
    IS_FIRST = False


async def keep(sid):
    if IS_FIRST:
        SEEN[sid] = True
"""

RARE = """
import itertools

ONLINE = {}
NUMBERS = itertools.count()


async def keep(sid):
    ONLINE[sid] = True


@sio.event
async def disconnect(sid, reason):
    if reason != sio.reason.CLIENT_DISCONNECT or next(NUMBERS) % 10:
        del ONLINE[sid]
"""

RING = """
from collections import deque


class Message:
    def __init__(self, sid):
        self.words = [sid]


RECENT = deque(maxlen=100_000)


async def keep(sid):
    RECENT.append(Message(sid))
"""

ATEXIT = """
import atexit


class Recording:
    def __init__(self, sid):
        self.frames = [sid]

    def finish(self):
        self.frames.clear()


async def keep(sid):
    atexit.register(Recording(sid).finish)
"""

FINALIZED = """
import weakref


class Visitor:
    def __init__(self, sid):
        self.data = {"sid": sid}


class Ticket:
    pass


def forget(_ticket):
    pass


async def keep(sid):
    visitor, ticket = Visitor(sid), Ticket()
    visitor.ticket, ticket.visitor = ticket, visitor
    weakref.finalize(visitor, forget, ticket)
"""


def test_without_a_collector_all_cycles_are_one_leak(tmp_path):
    """A server that has switched the collector off leaks the cycles of every library: it is told why, once."""
    verdict, [leak] = culprits(tmp_path, GARBAGE, "--clients", "30", "--waves", "6")  # 240 objects stay of each client
    assert leak["metric"] == "heap:objects"
    assert "gc.disable" in leak["culprit"]["note"]
    assert "app.Session" in [kept["name"] for kept in leak["culprit"]["types"]]
    assert verdict["verdict"] == "leak"


def test_a_leak_of_one_worker_is_the_leak_of_both(tmp_path):
    """Of two workers one leaks: it is found, at half of a client's rate, and named with its line."""
    _, [leak] = culprits(tmp_path, ONE_WORKER, serving=["--workers", "2"])
    assert leak["culprit"]["owner"] == "app:SEEN"
    assert leak["culprit"]["sites"][0]["source"] == "SEEN[sid] = True"
    assert min(leak["by_process"].values()) == 0 < max(leak["by_process"].values())


def test_the_drop_mode_of_a_rare_leak_is_told(tmp_path):
    """One graceful client in ten stays listed, one connection in twenty of the mix: the mode is named all the same."""
    _, [leak] = culprits(tmp_path, RARE, "--drop", "close,graceful")
    assert leak["culprit"]["owner"] == "app:ONLINE"
    assert leak["culprit"]["trigger"].startswith("drop mode graceful (per connection: close +0.00, graceful +0.1")


def test_what_a_ring_keeps_while_it_fills_is_no_leak(tmp_path):
    """Objects in a ring that is far from full are bounded as it is, and the verdict says that they were not judged."""
    verdict, leaks = culprits(tmp_path, RING)
    assert (verdict["verdict"], leaks) == ("bounded", []), verdict["reason"]
    assert any("app.RECENT is still filling" in warning for warning in verdict["warnings"])


def test_what_the_end_of_the_process_waits_for_is_one_leak(tmp_path):
    """What atexit keeps has no container: its class is the leak, with the lists in it as a consequence."""
    _, [leak] = culprits(tmp_path, ATEXIT)
    assert leak["name"] == "app.Recording"
    assert "atexit keeps" in leak["culprit"]["note"]


def test_a_cause_that_the_second_pass_brings_to_light_is_explained_as_well(tmp_path):
    """What a finalizer holds cannot be finalized: the list of finalizers is the leak, though nobody suspected it."""
    _, [leak] = culprits(tmp_path, FINALIZED)
    assert leak["culprit"]["owner"] == "weakref:finalize._registry"
    assert leak["culprit"]["sites"][0]["source"] == "weakref.finalize(visitor, forget, ticket)"

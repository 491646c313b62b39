"""Leaks of any Python server: something that is kept for each client, in one place or another."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from collections.abc import Callable
from contextvars import ContextVar

from server.app import Server
from server.plants.hooks import on_connect, on_disconnect
from server.plants.share import EACH, Share

VISITORS: list[str] = []
RARE: dict[str, list[str]] = {}
FAILURES: list[BaseException] = []
DEAD: list[weakref.ref[Client]] = []
GRACEFUL: dict[str, str] = {}
TRACES: ContextVar[list[str]] = ContextVar("TRACES")
GREETINGS = logging.getLogger("server.plants.greetings")


_LOOK_AGAIN_S = 0.05


class Client:
    """Stands for what a server keeps about a client."""

    def __init__(self, sid: str) -> None:
        self.sid = sid
        self.peer: Client | None = None


def plant_global_list(server: Server, rate: float = EACH) -> None:
    """A list of the module gains each client's sid."""
    on_connect(server, rate, VISITORS.append)


def plant_closure(server: Server, rate: float = EACH) -> None:
    """A list that only a closure can see gains a function per client, which holds what it was made with."""
    farewells: list[Callable[[], str]] = []

    def remember(sid: str) -> None:
        client = Client(sid)
        farewells.append(lambda: f"goodbye {client.sid}")

    on_connect(server, rate, remember)


def plant_reference_cycle(server: Server, rate: float = EACH) -> None:
    """Each client leaves two objects that hold each other; the collector is frozen over them, and never sees them."""
    tied: list[Client] = []

    def tie(sid: str) -> None:
        here, there = Client(sid), Client(sid)
        here.peer, there.peer = there, here
        tied.append(here)

    async def freeze(_sid: str, _reason: str) -> None:
        is_waiting = any(task.get_name() == "freeze" for task in server.background.running)
        if not is_waiting and not server.collaboration.connections.connections:
            server.background.start(_freeze_when_quiet(server, tied), "freeze")

    on_connect(server, rate, tie)
    on_disconnect(server, EACH, freeze)


async def _freeze_when_quiet(server: Server, tied: list[Client]) -> None:
    """Freeze when nobody is here: what clients that are still here hold in cycles would stay for good as well."""
    while _is_busy(server):  # noqa: ASYNC110 -- the last ping's end sets no event
        await asyncio.sleep(_LOOK_AGAIN_S)
    gc.collect()
    gc.freeze()
    tied.clear()


def _is_busy(server: Server) -> bool:
    return bool(server.sio.eio.sockets) or any("_send_ping" in repr(task) for task in asyncio.all_tasks())


def plant_one_in_twenty(server: Server, rate: float = 1 / 20) -> None:
    """Each twentieth client is never forgotten."""
    on_connect(server, rate, RARE.setdefault("one in 20", []).append)


def plant_one_in_a_hundred(server: Server, rate: float = 1 / 100) -> None:
    """Each hundredth client is never forgotten."""
    on_connect(server, rate, RARE.setdefault("one in 100", []).append)


def plant_exception_traceback(server: Server, rate: float = EACH) -> None:
    """Errors are kept for a report; their tracebacks keep the frames, and the frames what was in them."""

    def fail(sid: str) -> None:
        try:
            reject(Client(sid))
        except ValueError as error:
            FAILURES.append(error)

    # Not from within the handler: the frames would keep what the whole server had in hand, down to the loop.
    on_connect(server, rate, lambda sid: asyncio.get_running_loop().call_soon(fail, sid))


def reject(client: Client) -> None:
    """Raise ValueError."""
    raise ValueError(f"planted: {client.sid} is not to our liking")


def plant_logger_handlers(server: Server, rate: float = EACH) -> None:
    """Each client adds a handler to the same logger."""
    on_connect(server, rate, lambda _sid: GREETINGS.addHandler(logging.NullHandler()))


def plant_weakref_callback(server: Server, rate: float = EACH) -> None:
    """A weak reference per client, with a callback; the client goes, the reference stays."""
    on_connect(server, rate, lambda sid: DEAD.append(weakref.ref(Client(sid), lambda _: None)))


def plant_contextvar(server: Server, rate: float = EACH) -> None:
    """A context variable was set once, to a list, and all contexts share that list."""
    traces: list[str] = []
    TRACES.set(traces)
    del traces
    on_connect(server, rate, lambda sid: TRACES.get().append(sid))


def plant_one_drop_mode_only(server: Server, rate: float = EACH) -> None:
    """A client that says goodbye properly is never forgotten; one that just drops is."""
    share = Share(rate)

    async def remember(sid: str, reason: str) -> None:
        if reason == server.sio.reason.CLIENT_DISCONNECT and share.count_and_take():
            GRACEFUL[sid] = reason

    on_disconnect(server, EACH, remember)


PLANTS = {
    "global-list": plant_global_list,
    "closure": plant_closure,
    "reference-cycle": plant_reference_cycle,
    "one-in-twenty": plant_one_in_twenty,
    "one-in-a-hundred": plant_one_in_a_hundred,
    "exception-traceback": plant_exception_traceback,
    "logger-handlers": plant_logger_handlers,
    "weakref-callback": plant_weakref_callback,
    "contextvar": plant_contextvar,
    "one-drop-mode-only": plant_one_drop_mode_only,
}

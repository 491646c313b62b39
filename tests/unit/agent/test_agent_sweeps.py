"""Engine.IO's sweep of closed sockets is hurried by the library's own code, and only where no socket is open."""

from __future__ import annotations

import _thread
import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import engineio
import pytest
from engineio.async_socket import AsyncSocket
from engineio.socket import Socket

from soakproof.agent.process import sweeps
from soakproof.agent.process.engines import Engines
from tests.unit.agent.agent_target import wait_for

NEVER_S = 3600.0  # by itself a round takes an hour
SOCKETS = 20


def find(server: Any) -> Engines:
    engines = Engines()
    engines.find([[server]])
    return engines


def fill(server: Any, of: type, *, is_closed: bool = True) -> None:
    for number in range(SOCKETS):
        socket = of(server, f"sid {number}")
        socket.closed = is_closed or number > 0
        server.sockets[socket.sid] = socket


@contextmanager
def sweeping(*, is_closed: bool) -> Iterator[Any]:
    """Give a server of threads whose sweep is in the middle of a round over all of its sockets."""
    server = engineio.Server(async_mode="threading", ping_timeout=NEVER_S)
    fill(server, Socket, is_closed=is_closed)
    server.service_task_handle = server.start_background_task(server._service_task)
    server.start_service_task = False
    wait_for(lambda: server.service_task_event is not None, "the sweep to begin")
    try:
        yield server
    finally:
        server.service_task_event.set()
        server.service_task_handle.join()


def test_threads_let_go_of_closed_sockets_at_once() -> None:
    """One sweep goes on afterwards, with the timeout that there was, and no thread is made up for the agent."""
    with sweeping(is_closed=True) as server:
        first, engines = server.service_task_handle, find(server)
        _thread.start_new_thread(engines.hurry_sweeps, ())  # as the agent's own
        wait_for(lambda: not server.sockets and server.ping_timeout == NEVER_S, "the sockets to go")
        assert not first.is_alive()
        assert server.service_task_handle.is_alive()
        assert (server.ping_timeout, server.start_service_task) == (NEVER_S, False)
        assert not [each for each in threading.enumerate() if isinstance(each, threading._DummyThread)]


def test_an_open_socket_is_left_to_the_servers_own_time() -> None:
    """How long a client that says nothing is waited for is the server's."""
    with sweeping(is_closed=False) as server:
        first, left = server.service_task_handle, len(server.sockets)
        assert find(server).hurry_sweeps() == 0
        assert server.service_task_handle is first
        assert first.is_alive()
        assert left - len(server.sockets) <= 1


def test_a_sweep_that_does_not_end_in_time_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in the middle of somebody's handler: the next connection starts a new one, or none ever would."""
    monkeypatch.setattr(sweeps, "END_S", 0.05)
    server = engineio.Server(async_mode="threading", ping_timeout=NEVER_S)
    fill(server, Socket)
    leave = threading.Event()
    server.service_task_event = threading.Event()
    server.service_task_handle = server.start_background_task(leave.wait)
    server.start_service_task = False
    assert find(server).hurry_sweeps() == 0
    assert server.start_service_task
    leave.set()


def test_a_sweep_that_cannot_begin_leaves_the_server_as_it_was() -> None:
    """The short timeout would throw out the next clients, and without a sweep the dead would stay."""
    with sweeping(is_closed=True) as server:
        server.start_background_task = None
        assert find(server).hurry_sweeps() == 0
        assert (server.ping_timeout, server.start_service_task) == (NEVER_S, True)


def test_an_event_loop_lets_go_of_closed_sockets_at_once() -> None:
    """However often it is asked meanwhile, one sweep goes on afterwards, with the timeout that there was."""

    async def main() -> None:
        server = engineio.AsyncServer(async_mode="asgi", ping_timeout=NEVER_S)
        fill(server, AsyncSocket)
        server.service_task_handle = first = server.start_background_task(server._service_task)
        server.start_service_task = False
        await asyncio.sleep(0)
        engines = find(server)
        assert [engines.hurry_sweeps() for _ in range(3)] == [1, 1, 1]
        async with asyncio.timeout(10):
            while server.sockets or server.ping_timeout != NEVER_S:  # noqa: ASYNC110  # what has no event
                await asyncio.sleep(0.01)
        assert first.done()
        assert not server.start_service_task
        alive = [task for task in asyncio.all_tasks() if "_service_task" in repr(task)]
        assert alive == [server.service_task_handle]
        server.service_task_event.set()
        await server.service_task_handle

    asyncio.run(main())


@pytest.mark.parametrize("is_monitored", [True, False])
def test_a_server_that_sweeps_not_is_not_made_to(is_monitored: bool) -> None:
    """Without monitoring closed sockets may stay for ever: that is a leak, which must not be cleared away."""
    server = engineio.Server(async_mode="threading", monitor_clients=is_monitored)
    fill(server, Socket)
    assert find(server).hurry_sweeps() == 0
    assert len(server.sockets) == SOCKETS


def test_an_event_of_greenlets_is_not_set_from_the_agents_thread() -> None:
    """What wakes greenlets through a hub must be woken in the hub's thread; a native event may be set from any."""

    class GreenLock:
        """A lock as eventlet puts in place of the system's."""

    event = threading.Event()
    assert sweeps.is_native(event)
    event._cond._lock = GreenLock()  # type: ignore[attr-defined]
    assert not sweeps.is_native(event)

"""Engine.IO's sweep: the task of a server that lets go of closed sockets, one by one, within a ping timeout.

Whatever is done to it is what the library itself does: a sweep is told to end, and one is begun as for a new client.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..objects import instances, kinds, unreadable
from ..objects.instances import read
from . import counts

Wait = Callable[[float], None]

SWIFT_S = 0.2
END_S = 1.0
POLL_S = 0.01


def restart(server: Any) -> None:
    """Let a running sweep end, so that the next connection starts one with the new timeout.

    The task sleeps for up to the old ping timeout. Before the first connection it does not exist, and the new timeout
    simply holds; a gevent or eventlet event must not be set from a native thread: there the old sweep runs out first.
    """
    task, event = read(server, "service_task_handle"), read(server, "service_task_event")
    if task is None or event is None:
        return
    if counts.is_task(task):

        def end_sweep() -> None:
            event.set()
            instances.set_attribute(server, "start_service_task", value=True)

        task.get_loop().call_soon_threadsafe(end_sweep)
    elif is_native(event):
        event.set()
        instances.set_attribute(server, "start_service_task", value=True)


def hasten(server: Any, wait: Wait = time.sleep) -> bool:
    """Have a server whose sockets have all closed sweep them now: by itself it may take two ping timeouts.

    Return whether it is being done. While any socket is open its timeout is left alone, and so is how it is closed.
    ``wait`` waits so many seconds, and sees to it that the target's threads do not sleep for too long meanwhile.
    """
    task, event = read(server, "service_task_handle"), read(server, "service_task_event")
    sockets = read(server, "sockets")
    if task is None or event is None or type(sockets) is not dict or not _are_closed(sockets):
        return False
    if counts.is_task(task):
        _hasten_task(server, task, event)
        return True
    if is_native(event):
        return _hasten_thread(server, task, event, wait)
    return False


def is_native(event: Any) -> bool:
    """Tell whether an event is of threads, whose locks are the system's, and not of greenlets in their guise."""
    lock = read(read(event, "_cond"), "_lock")
    return [kinds.module_of_type(type(each)) for each in (event, lock)] == ["threading", "_thread"]


def _are_closed(sockets: dict[Any, Any]) -> bool:
    """Whether there are sockets, and all of them have closed."""
    each = list(sockets.values())
    return bool(each) and all(read(socket, "closed") is True for socket in each)


def _hasten_task(server: Any, task: Any, event: Any) -> None:
    """Do so in the server's own event loop, between two of its steps."""
    loop = task.get_loop()

    def begin(_ended: Any) -> None:
        if read(server, "service_task_handle") is task:
            unreadable.attempt(type(server), lambda: loop.call_soon(_begin(server)))

    def end_sweep() -> None:
        event.set()
        task.add_done_callback(begin)

    loop.call_soon_threadsafe(end_sweep)


def _hasten_thread(server: Any, thread: Any, event: Any, wait: Wait) -> bool:
    """Do so with the thread of a server that has threads, once the old one has ended.

    It is not joined: for that `threading` would make up a thread for the one that asks, and keep it.
    """
    event.set()
    until_s = time.monotonic() + END_S
    while thread.is_alive():
        if time.monotonic() > until_s:  # it ends when it can: then the next connection starts one
            instances.set_attribute(server, "start_service_task", value=True)
            return False
        time.sleep(POLL_S)
    restore = _begin(server)
    wait(SWIFT_S)
    restore()
    return True


def _begin(server: Any) -> Callable[[], None]:
    """Begin a sweep whose first round is swift; return what gives the ping timeout back once the round has begun."""
    own_s = read(server, "ping_timeout")

    def restore() -> None:
        instances.set_attribute(server, "ping_timeout", own_s)

    instances.set_attribute(server, "start_service_task", value=True)  # for the next connection, should this fail
    instances.set_attribute(server, "ping_timeout", SWIFT_S)
    try:
        sweep = server.start_background_task(server._service_task)
    except BaseException:
        restore()
        raise
    instances.set_attribute(server, "service_task_handle", sweep)
    instances.set_attribute(server, "start_service_task", value=False)
    return restore

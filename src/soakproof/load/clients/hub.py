"""The hub: one per process, it hands what sockets receive to their streams, and wakes who waits.

A greenlet per client that sits in ``recv`` costs memory while idle and two switches per packet. Here one epoll, itself
watched by gevent's loop, serves all sockets, and a client that waits for nothing has no greenlet of its own.
"""

from __future__ import annotations

import time
from typing import Any, Protocol

import gevent
from gevent import getcurrent, monkey
from gevent.hub import get_hub

READ, WRITE = 1, 4  # EPOLLIN, EPOLLOUT
READY_PER_ROUND = 256
SWEEP_EVERY_S = 0.1

# gevent takes select.epoll away, since waiting in it would stop the loop. This one is only ever asked, never waited in.
_epoll_type = monkey.get_original("select", "epoll")


class Ready(Protocol):
    """Something that a socket's readiness is told to."""

    def on_ready(self, mask: int) -> None:
        """Receive or send what can be without waiting."""

    def fail(self, reason: str) -> None:
        """Close the socket, as if it had been lost."""


class Waiter:
    """A greenlet that waits for one thing, until a deadline."""

    __slots__ = ("deadline_s", "error", "greenlet", "value")

    def __init__(self) -> None:
        self.greenlet: Any = None
        self.value: Any = None
        self.error: Exception | None = None
        self.deadline_s = 0.0


class Hub:
    """Sockets and their streams, waiters and their deadlines."""

    def __init__(self) -> None:
        self._streams: dict[int, Ready] = {}
        self._waiters: set[Waiter] = set()
        self._epoll = _epoll_type()
        self._loop_greenlet = get_hub()
        self._watcher = self._loop_greenlet.loop.io(self._epoll.fileno(), READ)
        self._watcher.start(self._dispatch)
        self._sweeper = gevent.spawn(self._sweep)

    def add(self, fd: int, stream: Ready, mask: int = READ) -> None:
        """Tell the stream from now on when its socket is ready."""
        self._streams[fd] = stream
        self._epoll.register(fd, mask)

    def change(self, fd: int, mask: int) -> None:
        """Tell the stream of other kinds of readiness from now on."""
        self._epoll.modify(fd, mask)

    def remove(self, fd: int) -> None:
        """Forget a socket; to be called just before it is closed, which takes it off the epoll by itself."""
        self._streams.pop(fd, None)

    def count(self) -> int:
        """Return how many sockets are open."""
        return len(self._streams)

    def wait(self, waiter: Waiter, seconds: float) -> Any:
        """Let the calling greenlet wait until the waiter is woken; return its value, or raise its error."""
        waiter.deadline_s = time.monotonic() + seconds
        waiter.greenlet = getcurrent()
        self._waiters.add(waiter)
        try:
            self._loop_greenlet.switch()
        finally:
            waiter.greenlet = None
            self._waiters.discard(waiter)
        if waiter.error is not None:
            raise waiter.error
        return waiter.value

    def wake(self, waiter: Waiter, value: Any = None, error: Exception | None = None) -> None:
        """Let the waiter's greenlet go on at once; harmless when it no longer waits.

        To be called from the loop's own greenlet, which goes on when the woken one waits again.
        """
        waiter.value, waiter.error = value, error
        greenlet, waiter.greenlet = waiter.greenlet, None
        if greenlet is not None:
            greenlet.switch()

    def _dispatch(self) -> None:
        for fd, mask in self._epoll.poll(0, READY_PER_ROUND):
            stream = self._streams.get(fd)
            if stream is None:
                continue
            try:
                stream.on_ready(mask)
            except Exception as error:  # noqa: BLE001  # gevent would stop the watcher, and with it every other client
                stream.fail(f"{type(error).__name__}: {error}")

    def _sweep(self) -> None:
        """Wake those whose time is over: one timer for all, not one each."""
        while True:
            gevent.sleep(SWEEP_EVERY_S)
            now = time.monotonic()
            for waiter in [waiter for waiter in self._waiters if waiter.deadline_s < now]:
                self._loop_greenlet.loop.run_callback(self.wake, waiter, None, TimeoutError())


_hub: Hub | None = None


def shared_hub() -> Hub:
    """Return the hub of this process, made when first asked for."""
    global _hub  # noqa: PLW0603  # one epoll per process is the point
    if _hub is None:
        _hub = Hub()
    return _hub

"""The task gate: lets a user of a held run do one task per permit, and wait in between."""

from __future__ import annotations

from typing import Any

from gevent import getcurrent
from gevent.hub import get_hub


class TaskGate:
    """Its `wait` stands in the place of a user's ``wait_time``: Locust asks it after each task how long to wait.

    Task sets with a ``wait_time`` of their own do not come by here, and work at their own pace.

    Thousands of users wait here, and of each the C stack down to its wait is kept: 3.8 KB where a callable object waits
    in gevent's semaphore, 1.9 KB where a method leaves for the loop by itself.
    """

    __slots__ = ("_greenlet", "_loop_greenlet", "_permits")

    def __init__(self) -> None:
        self._loop_greenlet = get_hub()
        self._greenlet: Any = None
        self._permits = 0

    def wait(self) -> float:
        """Return, with no time to wait, once there is a permit."""
        while not self._permits:
            self._greenlet = getcurrent()
            try:
                self._loop_greenlet.switch()
            finally:
                self._greenlet = None
        self._permits -= 1
        return 0.0

    def grant(self, times: int) -> None:
        """Let the user do so many tasks more."""
        self._permits += times
        if times:
            self._loop_greenlet.loop.run_callback(self._wake)

    @property
    def is_quiet(self) -> bool:
        """Whether the user waits, and has no permit left."""
        return self._greenlet is not None and not self._permits

    def _wake(self) -> None:
        if self._greenlet is not None:
            self._greenlet.switch()

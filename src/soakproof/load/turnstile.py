"""The turnstile: lets a user of a held run do one task per ticket, and wait in between."""

from __future__ import annotations

from gevent.lock import Semaphore


class Turnstile:
    """Stands in the place of a user's ``wait_time``: Locust asks it after each task how long to wait.

    Task sets with a ``wait_time`` of their own do not come by here, and work at their own pace.
    """

    def __init__(self) -> None:
        self._tickets = Semaphore(0)
        self.is_waited_at = False

    def __call__(self) -> float:
        """Return, with no time to wait, once there is a ticket."""
        self.is_waited_at = True
        self._tickets.acquire()
        self.is_waited_at = False
        return 0.0

    def admit(self, times: int) -> None:
        """Give out tickets."""
        for _ in range(times):
            self._tickets.release()

    @property
    def is_quiet(self) -> bool:
        """Whether the user waits, and has no ticket left."""
        return self.is_waited_at and not self._tickets.counter

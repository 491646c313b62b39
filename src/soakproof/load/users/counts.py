"""What became of the connections of an order: each is counted once when it opens and once when it is gone."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from soakproof.load.clients.errors import ClientError
from soakproof.load.orders import Progress
from soakproof.load.users.histogram import Histogram

ERROR_KINDS = 50
ERROR_CHARS = 200


class Counts:
    """Counts of one order, or of a whole run under plain Locust."""

    def __init__(self) -> None:
        self.opened = 0
        self.open = 0
        self.peak = 0
        self.straining = 0
        self.events = 0
        self.failures = 0
        self.dropped: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.latency = Histogram()
        self.lateness = Histogram()
        self._began_s = self._last_s = time.perf_counter()

    def count_open(self, seconds: float) -> None:
        """Note a connection that came about, so many seconds after it should have begun to."""
        self.opened += 1
        self.open += 1
        self.peak = max(self.peak, self.open)
        self.latency.add(seconds)
        self._last_s = time.perf_counter()

    def count_drop(self, mode: str) -> None:
        """Note a connection that was dropped."""
        self.open -= 1
        self.dropped[mode] += 1

    def count_lost(self, reason: str) -> None:
        """Note a connection that went away by itself."""
        self.open -= 1
        self.count_failure(f"connection lost: {reason}")

    def count_failure(self, message: str) -> None:
        """Count a failure; beyond `ERROR_KINDS` different ones the rest is counted together."""
        self.failures += 1
        key = message[:ERROR_CHARS]
        self.errors[key if key in self.errors or len(self.errors) < ERROR_KINDS else "other errors"] += 1

    def rate(self) -> float:
        """Return connections per second, from the beginning to the last one that came about."""
        return round(self.opened / (self._last_s - self._began_s), 2) if self.opened else 0.0

    def progress(self) -> Progress:
        """Return how far things are."""
        return Progress(opened=self.opened, open=self.open, straining=self.straining, events=self.events)


class CurrentCounts:
    """The counts of the order under way, and the listeners to Locust's events that add to them.

    There is one per Locust environment.

    ``is_closing`` is set when the whole load ends: whoever leaves then does not come back.
    """

    def __init__(self, environment: Any) -> None:
        self.counts = Counts()
        self.is_closing = False
        self._numbered = 0
        environment.events.request.add_listener(self._on_request)
        environment.events.user_error.add_listener(self._on_user_error)
        environment.events.test_start.add_listener(self._on_test_start)
        environment.events.test_stopping.add_listener(self._on_test_stopping)

    def begin_order(self) -> Counts:
        """Begin to count anew, with what is still open, and return the counts."""
        still_open = self.counts.open
        self.counts = Counts()
        self.counts.open = self.counts.peak = still_open
        return self.counts

    def next_number(self) -> int:
        """Return a number for a client that no order has given one, under plain Locust."""
        self._numbered += 1
        return self._numbered

    def _on_request(self, request_type: str, name: str, exception: BaseException | None = None, **_: Any) -> None:
        if exception is not None:
            self.counts.count_failure(f"{request_type} {name}: {exception}")

    def _on_test_start(self, **_: Any) -> None:
        self.is_closing = False

    def _on_test_stopping(self, **_: Any) -> None:
        self.is_closing = True

    def _on_user_error(self, exception: BaseException, **_: Any) -> None:
        if not isinstance(exception, ClientError):  # those were counted as failed requests
            self.counts.count_failure(f"{type(exception).__name__}: {exception}")


def counts_of(environment: Any) -> CurrentCounts:
    """Return the current counts of a Locust environment, made when first asked for."""
    current: CurrentCounts | None = getattr(environment, "soakproof_counts", None)
    if current is None:
        current = environment.soakproof_counts = CurrentCounts(environment)
    return current

"""The ledger: every connection entered when it opens, struck out when it drops, each exactly once."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from soakproof.load.clients.errors import ClientError
from soakproof.load.meter import Histogram
from soakproof.load.orders import Progress

ERROR_KINDS = 50
ERROR_CHARS = 200


class Ledger:
    """Counts of one order, or of a whole run under plain Locust."""

    def __init__(self) -> None:
        self.opened = 0
        self.open = 0
        self.peak = 0
        self.events = 0
        self.failures = 0
        self.dropped: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.latency = Histogram()
        self.lateness = Histogram()
        self._began_s = self._last_s = time.perf_counter()

    def enter(self, seconds: float) -> None:
        """Note a connection that came about, so many seconds after it should have begun to."""
        self.opened += 1
        self.open += 1
        self.peak = max(self.peak, self.open)
        self.latency.add(seconds)
        self._last_s = time.perf_counter()

    def strike(self, mode: str) -> None:
        """Note a connection that was dropped."""
        self.open -= 1
        self.dropped[mode] += 1

    def lose(self, reason: str) -> None:
        """Note a connection that went away by itself."""
        self.open -= 1
        self.fail(f"connection lost: {reason}")

    def fail(self, message: str) -> None:
        """Count a failure; beyond `ERROR_KINDS` different ones the rest is counted together."""
        self.failures += 1
        key = message[:ERROR_CHARS]
        self.errors[key if key in self.errors or len(self.errors) < ERROR_KINDS else "other errors"] += 1

    def rate(self) -> float:
        """Return connections per second, from the beginning to the last one that came about."""
        return round(self.opened / (self._last_s - self._began_s), 2) if self.opened else 0.0

    def progress(self) -> Progress:
        """Return how far things are."""
        return Progress(opened=self.opened, open=self.open, events=self.events)


class Book:
    """The ledger that is open now, and Locust's events that are entered in it. One per Locust environment.

    ``is_closing`` is set when the whole load ends: whoever leaves then does not come back.
    """

    def __init__(self, environment: Any) -> None:
        self.ledger = Ledger()
        self.is_closing = False
        environment.events.request.add_listener(self._on_request)
        environment.events.user_error.add_listener(self._on_user_error)
        environment.events.test_start.add_listener(self._on_test_start)
        environment.events.test_stopping.add_listener(self._on_test_stopping)

    def turn(self) -> Ledger:
        """Begin a new page, on which who is still there counts as open, and return it."""
        still_open = self.ledger.open
        self.ledger = Ledger()
        self.ledger.open = self.ledger.peak = still_open
        return self.ledger

    def _on_request(self, request_type: str, name: str, exception: BaseException | None = None, **_: Any) -> None:
        if exception is not None:
            self.ledger.fail(f"{request_type} {name}: {exception}")

    def _on_test_start(self, **_: Any) -> None:
        self.is_closing = False

    def _on_test_stopping(self, **_: Any) -> None:
        self.is_closing = True

    def _on_user_error(self, exception: BaseException, **_: Any) -> None:
        if not isinstance(exception, ClientError):  # those were counted as failed requests
            self.ledger.fail(f"{type(exception).__name__}: {exception}")


def book_of(environment: Any) -> Book:
    """Return the book of a Locust environment, opened when first asked for."""
    book: Book | None = getattr(environment, "soakproof_book", None)
    if book is None:
        book = environment.soakproof_book = Book(environment)
    return book

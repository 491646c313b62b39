"""The one clock: everything that has an age reads its time here."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the server gets its time from."""

    def now_s(self) -> float:
        """Return seconds since the epoch; it never goes back."""

    def real_s(self, seconds: float) -> float:
        """Return how many real seconds pass while so many seconds pass on this clock."""


class ScaledClock:
    """A clock that runs ``speed`` times as fast as the wall's from ``epoch_s`` on.

    It is anchored to the monotonic clock once, so that setting the wall's clock ages nothing. Workers that are to agree
    share one ``epoch_s``.
    """

    def __init__(self, speed: float = 1.0, epoch_s: float | None = None) -> None:
        self.speed = speed
        wall_s = time.time()
        self._epoch_s = wall_s if epoch_s is None else epoch_s
        self._anchor_s = time.monotonic() - (wall_s - self._epoch_s)

    def now_s(self) -> float:
        """Return seconds since the epoch, scaled."""
        return self._epoch_s + (time.monotonic() - self._anchor_s) * self.speed

    def real_s(self, seconds: float) -> float:
        """Return the real duration of ``seconds`` on this clock."""
        return seconds / self.speed


# For what must not run faster: transports, and people looking.
REAL = ScaledClock()


def to_ms(time_s: float) -> int:
    """Return a time as it goes over the wire: whole milliseconds since the epoch."""
    return round(time_s * 1000)


def to_iso(time_s: float) -> str:
    """Return a time as an ISO 8601 string in UTC."""
    return datetime.fromtimestamp(time_s, UTC).isoformat()

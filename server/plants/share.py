"""How many of the clients a plant acts on."""

from __future__ import annotations

from math import inf

# Sums of shares such as 0.01 fall short of 1 by less than this.
_ROUNDING = 1e-9

EACH = 1.0
ALL = inf


class Share:
    """Evenly ``rate`` of the clients: with 0.01 every hundredth; `ALL` is every entry, however many a client makes."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._due = 0.0

    def count(self) -> None:
        """Count a client."""
        self._due += self._rate

    def take(self) -> bool:
        """Return whether the plant is to act now; it has then acted for one of the clients counted."""
        if self._due < 1 - _ROUNDING:
            return False
        self._due -= 1
        return True

    def count_and_take(self) -> bool:
        """Count a client, and return whether the plant is to act on it."""
        self.count()
        return self.take()

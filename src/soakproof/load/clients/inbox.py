"""What a server sent that nobody has taken yet, and who waits for it."""

from __future__ import annotations

from collections import deque
from typing import Any

from soakproof.load.clients.hub import Hub, Waiter

INBOX_EVENTS = 16


class Inbox:
    """Unread events of a client, `INBOX_EVENTS` at most, the oldest dropped first."""

    __slots__ = ("_kept", "_wanted")

    def __init__(self) -> None:
        self._kept: deque[tuple[str, Any]] = deque(maxlen=INBOX_EVENTS)
        self._wanted: list[tuple[str, Waiter]] = []

    def take(self, event: str) -> tuple[str, Any] | None:
        """Return the oldest such event with its payload, and forget it; None if there is none."""
        for kept in self._kept:
            if kept[0] == event:
                self._kept.remove(kept)
                return kept
        return None

    def expect(self, event: str) -> Waiter:
        """Return who is to be woken by the next such event; `forget` follows."""
        waiter = Waiter()
        self._wanted.append((event, waiter))
        return waiter

    def forget(self, waiter: Waiter) -> None:
        """Wake it no more."""
        self._wanted = [wanted for wanted in self._wanted if wanted[1] is not waiter]

    def put(self, event: str, payload: Any, hub: Hub) -> None:
        """Give an event to who has waited longest for it, or keep it."""
        for wanted, waiter in self._wanted:
            if wanted == event and waiter.greenlet is not None:
                hub.wake(waiter, payload)
                return
        self._kept.append((event, payload))

    def waiters(self) -> list[Waiter]:
        """Return all who wait."""
        return [waiter for _, waiter in self._wanted]

"""What the conductor tells the person who waits."""

from __future__ import annotations

from typing import Protocol

from soakproof.measure.wavenumbers import Narrates


class Narrator(Narrates, Protocol):
    """Tells the person who waits what is going on."""

    def progress(self, opened: int, clients: int) -> None:
        """Say how many clients were opened, and are open."""

    def memory(self, rss_bytes: float) -> None:
        """Say how much memory the target has, all processes together."""

    def settle(self, waited_s: float, remaining: dict[str, float]) -> None:
        """Say how long the target has been settling, and what remains."""

    def note(self, message: str) -> None:
        """Say something worth a line."""

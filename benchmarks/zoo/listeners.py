"""Listeners in a tuple, which is copied with one more for each client; the clean one lets go of whoever left."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.zoo.animal import Animal


class Bus:
    """Tells its listeners; a tuple, so that nobody who goes through them is disturbed."""

    def __init__(self) -> None:
        self.listeners: tuple[Callable[[], str], ...] = ()


BUS = Bus()


class Server(Animal):
    """Has each client listen."""

    async def serve(self, sid: str) -> None:
        """Add a listener."""

        def listen() -> str:
            return sid

        BUS.listeners = (*BUS.listeners, listen)
        if not self.is_leaky:
            BUS.listeners = tuple(each for each in BUS.listeners if each is not listen)

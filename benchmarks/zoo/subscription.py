"""A subscription for each client that outlives it; the clean one is ended when the client goes."""

from __future__ import annotations

import asyncio

from benchmarks.zoo.animal import Animal


class Topic:
    """Whoever subscribes gets what is published, in a queue of its own."""

    def __init__(self) -> None:
        self.subscribers: list[asyncio.Queue[str]] = []

    def subscribe(self) -> asyncio.Queue[str]:
        """Return a subscriber's queue."""
        queue: asyncio.Queue[str] = asyncio.Queue(10)
        self.subscribers.append(queue)
        return queue


NEWS = Topic()


class Server(Animal):
    """Subscribes each client to the news."""

    def __init__(self, *, is_leaky: bool) -> None:
        super().__init__(is_leaky=is_leaky)
        self._queues: dict[str, asyncio.Queue[str]] = {}

    async def serve(self, sid: str) -> None:
        """Subscribe."""
        self._queues[sid] = NEWS.subscribe()

    async def part(self, sid: str) -> None:
        """End the subscription."""
        queue = self._queues.pop(sid)
        if not self.is_leaky:
            NEWS.subscribers.remove(queue)

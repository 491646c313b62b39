"""An asynchronous generator for each client that is never closed; the clean one closes it when the client goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from benchmarks.zoo.animal import Animal


async def news(sid: str) -> AsyncGenerator[str]:
    """Yield what there is to tell a client."""
    yield f"welcome {sid}"
    await asyncio.Event().wait()


class Server(Animal):
    """Tells clients news."""

    def __init__(self, *, is_leaky: bool) -> None:
        super().__init__(is_leaky=is_leaky)
        self._feeds: dict[str, AsyncGenerator[str]] = {}

    async def serve(self, sid: str) -> None:
        """Begin a feed."""
        feed = self._feeds[sid] = news(sid)
        await anext(feed)

    async def part(self, sid: str) -> None:
        """End it."""
        if not self.is_leaky:
            await self._feeds.pop(sid).aclose()

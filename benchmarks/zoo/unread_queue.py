"""A queue that nobody reads; the clean one drops the oldest when it is full."""

from __future__ import annotations

import asyncio

from benchmarks.zoo.animal import Animal

MOST = 100


class Server(Animal):
    """Tells an audit of each client."""

    def __init__(self, *, is_leaky: bool) -> None:
        super().__init__(is_leaky=is_leaky)
        self._audit: asyncio.Queue[str] = asyncio.Queue(0 if is_leaky else MOST)

    async def serve(self, sid: str) -> None:
        """Tell of one more."""
        if self._audit.full():
            self._audit.get_nowait()
        self._audit.put_nowait(sid)

"""Tasks that wait for a semaphore that a mistake did not give back; the clean one gives it back."""

from __future__ import annotations

import asyncio

from benchmarks.zoo.animal import Animal


class Server(Animal):
    """Writes one client after the other."""

    def __init__(self, *, is_leaky: bool) -> None:
        super().__init__(is_leaky=is_leaky)
        self._turn = asyncio.Semaphore(1)
        self._writing: set[asyncio.Task[None]] = set()

    async def serve(self, _sid: str) -> None:
        """Start to write."""
        task = asyncio.create_task(self._write())
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self) -> None:
        await self._turn.acquire()
        await asyncio.sleep(0)
        if not self.is_leaky:
            self._turn.release()

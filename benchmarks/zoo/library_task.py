"""A task that waits for ever in a library's coroutine; the clean one ends it when the client goes."""

from __future__ import annotations

import asyncio

import anyio

from benchmarks.zoo.animal import Animal

TASKS: set[asyncio.Task[None]] = set()


class Server(Animal):
    """Waits for each client's farewell."""

    def __init__(self, *, is_leaky: bool) -> None:
        super().__init__(is_leaky=is_leaky)
        self._farewells: dict[str, anyio.Event] = {}

    async def serve(self, sid: str) -> None:
        """Start to wait."""
        farewell = self._farewells[sid] = anyio.Event()
        task = asyncio.get_running_loop().create_task(farewell.wait())
        TASKS.add(task)
        task.add_done_callback(TASKS.discard)

    async def part(self, sid: str) -> None:
        """Forget the farewell, and say it before."""
        farewell = self._farewells.pop(sid)
        if not self.is_leaky:
            farewell.set()

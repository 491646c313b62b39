"""A future that a task waits for, thrown away at the client's leave without a result; the clean one is cancelled."""

from __future__ import annotations

import asyncio

from benchmarks.zoo.animal import Animal

TASKS: set[asyncio.Task[None]] = set()


class Server(Animal):
    """Waits for an answer of each client."""

    def __init__(self, *, is_leaky: bool) -> None:
        super().__init__(is_leaky=is_leaky)
        self._answers: dict[str, asyncio.Future[str]] = {}

    async def serve(self, sid: str) -> None:
        """Ask the client."""
        task = asyncio.create_task(self._ask(sid))
        TASKS.add(task)
        task.add_done_callback(TASKS.discard)

    async def _ask(self, sid: str) -> None:
        self._answers[sid] = asyncio.get_running_loop().create_future()
        await self._answers[sid]

    async def part(self, sid: str) -> None:
        """Expect no answer any more."""
        answer = self._answers.pop(sid)
        if not self.is_leaky:
            answer.cancel()

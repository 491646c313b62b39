"""Background tasks that are referenced while they run, and end with the server."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog


class Tasks:
    """The running tasks: referenced here, because asyncio holds them weakly. One that fails is logged."""

    def __init__(self) -> None:
        self.running: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("server.tasks")

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run a coroutine in the background."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self.running.add(task)
        task.add_done_callback(self._finish)
        return task

    async def stop(self) -> None:
        """Cancel all and wait until they have ended."""
        while self.running:
            running = list(self.running)
            for task in running:
                task.cancel()
            await asyncio.wait(running)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self.running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("background task failed", task=task.get_name(), exc_info=error)

"""A pool of threads for each tenth client, each thread with a buffer of its own; the clean one has one pool for all."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from benchmarks.zoo.animal import Animal

LOCAL = threading.local()
POOLS: list[ThreadPoolExecutor] = []


def work() -> None:
    """Work in this thread's buffer."""
    if not hasattr(LOCAL, "buffer"):
        LOCAL.buffer = bytearray(10_000)
    LOCAL.buffer[0] = 1


class Server(Animal):
    """Works in threads."""

    EACH = 10

    async def serve(self, _sid: str) -> None:
        """Work once."""
        if self.is_leaky or not POOLS:
            POOLS.append(ThreadPoolExecutor(1, "work"))
        await asyncio.get_running_loop().run_in_executor(POOLS[-1], work)

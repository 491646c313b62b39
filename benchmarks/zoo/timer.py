"""A call tomorrow for each client; the clean one cancels it when the client goes."""

from __future__ import annotations

import asyncio

from benchmarks.zoo.animal import Animal

DAY_S = 86_400


class Server(Animal):
    """Ends sessions after a day."""

    def __init__(self, *, is_leaky: bool) -> None:
        super().__init__(is_leaky=is_leaky)
        self._ends: dict[str, asyncio.TimerHandle] = {}

    async def serve(self, sid: str) -> None:
        """Plan the end."""
        self._ends[sid] = asyncio.get_running_loop().call_later(DAY_S, self._end, sid)

    def _end(self, sid: str) -> None:
        self._ends.pop(sid, None)

    async def part(self, sid: str) -> None:
        """The session has ended by itself."""
        end = self._ends.pop(sid)
        if not self.is_leaky:
            end.cancel()

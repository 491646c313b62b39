"""A session that is kept for fifty seconds after its client has gone, should it come back; the leaky one forgets some.

Nothing falls while the waves come, and the tables of what was kept stay as large as they were.
"""

from __future__ import annotations

import asyncio

from benchmarks.zoo.animal import Animal

GRACE_S = 50.0
FORGOTTEN_EACH = 5


class Server(Animal):
    """Keeps sessions for a while."""

    def __init__(self, *, is_leaky: bool) -> None:
        super().__init__(is_leaky=is_leaky)
        self.sessions: dict[str, int] = {}

    async def serve(self, sid: str) -> None:
        """Begin a session."""
        self.sessions[sid] = self._clients

    async def part(self, sid: str) -> None:
        """End it, but not yet."""
        if not self.is_leaky or self.sessions[sid] % FORGOTTEN_EACH:
            asyncio.get_running_loop().call_later(GRACE_S, self.sessions.pop, sid)

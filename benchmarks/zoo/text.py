"""A text that gains forty characters for each client; the clean one keeps the newest."""

from __future__ import annotations

from benchmarks.zoo.animal import Animal

LINE, KEPT = 40, 4_000


class Server(Animal):
    """Tells a story of its clients."""

    story = ""

    async def serve(self, sid: str) -> None:
        """Tell of one more, and forget the oldest."""
        told = Server.story + sid.ljust(LINE, ".")
        Server.story = told if self.is_leaky else told[-KEPT:]

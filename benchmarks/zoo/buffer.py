"""A journal of bytes that gains a hundred for each client; the clean one keeps the newest."""

from __future__ import annotations

from benchmarks.zoo.animal import Animal

LINE_BYTES, KEPT_BYTES = 100, 10_000
JOURNAL = bytearray()


class Server(Animal):
    """Writes a line for each client."""

    async def serve(self, sid: str) -> None:
        """Append a line, and cut what is too old."""
        JOURNAL.extend(sid.encode().ljust(LINE_BYTES, b"."))
        if not self.is_leaky:
            del JOURNAL[:-KEPT_BYTES]

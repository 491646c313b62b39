"""A registry of two-way dicts, which hold each other by weak references; the clean one drops a client's."""

from __future__ import annotations

from bidict import bidict

from benchmarks.zoo.animal import Animal

NAMES: dict[str, bidict[str, str]] = {}


class Server(Animal):
    """Knows its clients by name and number."""

    async def serve(self, sid: str) -> None:
        """Register the client."""
        NAMES[sid] = bidict(sid=sid)

    async def part(self, sid: str) -> None:
        """Drop it again."""
        if not self.is_leaky:
            NAMES.pop(sid, None)

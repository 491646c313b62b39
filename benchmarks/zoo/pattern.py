"""A compiled pattern for each client, kept; the clean one leaves them to the cache of `re`, which has a limit."""

from __future__ import annotations

import re

from benchmarks.zoo.animal import Animal

PATTERNS: dict[str, re.Pattern[str]] = {}


class Server(Animal):
    """Looks for mentions of clients."""

    async def serve(self, sid: str) -> None:
        """Look once."""
        pattern = PATTERNS.get(sid) or re.compile(rf"@{re.escape(sid)}\b")
        if self.is_leaky:
            PATTERNS[sid] = pattern
        pattern.search("nobody")

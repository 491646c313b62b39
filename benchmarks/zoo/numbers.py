"""An array of times that gains a number of eight bytes for each client; the clean one keeps the newest."""

from __future__ import annotations

import time
from array import array

from benchmarks.zoo.animal import Animal

KEPT = 1_000
TIMES = array("d")


class Server(Animal):
    """Notes when clients came."""

    async def serve(self, _sid: str) -> None:
        """Note one more, and forget the oldest."""
        TIMES.append(time.time())
        if not self.is_leaky:
            del TIMES[:-KEPT]

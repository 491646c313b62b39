"""A metric whose label is the client's id; the clean one's label is what happened."""

from __future__ import annotations

from prometheus_client import Counter

from benchmarks.zoo.animal import Animal

VISITS = Counter("zoo_visits", "Clients that came.", ["who"])


class Server(Animal):
    """Counts its clients."""

    async def serve(self, sid: str) -> None:
        """Count one more."""
        VISITS.labels(sid if self.is_leaky else "client").inc()

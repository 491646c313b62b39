"""A logger for each client, which logging keeps for ever; the clean one says the client in an adapter."""

from __future__ import annotations

import logging

from benchmarks.zoo.animal import Animal

LOGGER = logging.getLogger("zoo")


class Server(Animal):
    """Logs what clients do."""

    async def serve(self, sid: str) -> None:
        """Log that one came."""
        log = LOGGER.getChild(sid) if self.is_leaky else logging.LoggerAdapter(LOGGER, {"client": sid})
        log.debug("welcome")

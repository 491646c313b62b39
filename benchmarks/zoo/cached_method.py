"""A method under a cache without limit, which keeps each client's object; the clean one keeps the last hundred."""

from __future__ import annotations

import functools

from benchmarks.zoo.animal import Animal


class Session:
    """A client."""

    def __init__(self, sid: str) -> None:
        self.sid = sid

    @functools.lru_cache(maxsize=None)  # noqa: B019, UP033  # the mistake that this is about
    def rights(self) -> tuple[str, ...]:
        """Return what the client may do."""
        return ("read", self.sid)

    @functools.lru_cache(maxsize=100)  # noqa: B019  # bounded
    def few_rights(self) -> tuple[str, ...]:
        """Return the same."""
        return ("read", self.sid)


class Server(Animal):
    """Asks what clients may do."""

    async def serve(self, sid: str) -> None:
        """Ask."""
        session = Session(sid)
        _ = session.rights() if self.is_leaky else session.few_rights()

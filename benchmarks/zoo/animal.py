"""What all animals are: an application that does something when a client comes, and something when it goes."""

from __future__ import annotations


class Animal:
    """An application; ``is_leaky`` makes the one mistake that its file is about.

    One client in ``EACH`` meets it.
    """

    EACH = 1

    def __init__(self, *, is_leaky: bool) -> None:
        self.is_leaky = is_leaky
        self._clients = 0

    async def welcome(self, sid: str) -> None:
        """Serve a client that came, if it is its turn."""
        self._clients += 1
        if self._clients % self.EACH == 0:
            await self.serve(sid)

    async def serve(self, sid: str, /) -> None:
        """Do what this application does for a client."""
        raise NotImplementedError

    async def part(self, sid: str) -> None:
        """Clean up after a client that has gone; nothing unless there is something to clean up."""

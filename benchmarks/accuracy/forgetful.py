"""A small server that forgets to forget: an entry of each Nth client stays in a list, an object of each Mth in none.

python benchmarks/accuracy/forgetful.py PORT ENTRY_EVERY OBJECT_EVERY       (0: never)
"""

from __future__ import annotations

import sys
from typing import Any

import socketio
import uvicorn

VISITORS: list[str] = []


class Visit:
    """A link of a chain; each holds the one before it, and no container holds any."""

    __slots__ = ("before",)
    last: Visit | None = None

    def __init__(self, before: Visit | None) -> None:
        self.before = before


class Forgetful:
    """Counts its clients, and keeps something of a few."""

    def __init__(self, entry_every: int, object_every: int) -> None:
        self._entry_every = entry_every
        self._object_every = object_every
        self._clients = 0

    def welcome(self, sid: str, _environ: dict[str, Any]) -> None:
        """Accept everybody, and forget not all."""
        self._clients += 1
        if self._entry_every and self._clients % self._entry_every == 0:
            VISITORS.append(sid)
        if self._object_every and self._clients % self._object_every == 0:
            Visit.last = Visit(Visit.last)


def main() -> None:
    """Serve."""
    port, entry_every, object_every = map(int, sys.argv[1:])
    sio = socketio.AsyncServer(async_mode="asgi")
    sio.on("connect", Forgetful(entry_every, object_every).welcome)
    uvicorn.run(socketio.ASGIApp(sio), port=port, log_level="warning")


if __name__ == "__main__":
    main()

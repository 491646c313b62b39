"""A small server that forgets to forget: entries in a list, objects in none, some that even Python forgot, and bytes.

python benchmarks/accuracy/forgetful.py PORT ENTRY_EVERY OBJECT_EVERY [LOST_EVERY [BUFFER_BYTES]]       (0: never)
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import socketio
import uvicorn

VISITORS: list[str] = []
AUDIT = bytearray()


class Visit:
    """A link of a chain; each holds the one before it, and no container holds any."""

    __slots__ = ("before",)
    last: Visit | None = None

    def __init__(self, before: Visit | None) -> None:
        self.before = before


class Forgetful:
    """Counts its clients, and keeps something of a few."""

    def __init__(self, entry_every: int, object_every: int, lost_every: int = 0, buffer_bytes: int = 0) -> None:
        self._entry_every = entry_every
        self._object_every = object_every
        self._lost_every = lost_every
        self._buffer_bytes = buffer_bytes
        self._clients = 0

    def welcome(self, sid: str, _environ: dict[str, Any]) -> None:
        """Accept everybody, and forget not all."""
        self._clients += 1
        if self._entry_every and self._clients % self._entry_every == 0:
            VISITORS.append(sid)
        if self._object_every and self._clients % self._object_every == 0:
            Visit.last = Visit(Visit.last)
        if self._lost_every and self._clients % self._lost_every == 0:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(bytes(40)))
        AUDIT.extend(b"." * self._buffer_bytes)


def main() -> None:
    """Serve."""
    port, *every = map(int, sys.argv[1:])
    sio = socketio.AsyncServer(async_mode="asgi")
    sio.on("connect", Forgetful(*every).welcome)
    uvicorn.run(socketio.ASGIApp(sio), port=port, log_level="warning")


if __name__ == "__main__":
    main()

"""Counts: the application's registries and the library's, without looking at any object in them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import socketio

from server.collaboration import Collaboration

LIBRARY = ("sockets", "environ", "sids", "rooms", "callbacks", "pending_disconnect", "binary_packets")


def count_library(sio: socketio.AsyncServer) -> dict[str, float]:
    """Return the lengths of python-socketio's and python-engineio's own registries."""
    manager = sio.manager
    rooms = manager.rooms.get("/", {})
    return {
        "sockets": len(sio.eio.sockets),
        "environ": len(sio.environ),
        "sids": len(rooms.get(None, ())),
        "rooms": len(rooms),
        "callbacks": len(manager.callbacks),
        "pending_disconnect": sum(map(len, manager.pending_disconnect.values())),
        "binary_packets": len(sio._binary_packet),  # noqa: SLF001 -- it has leaked before, and has no other name
    }


def count_all(sio: socketio.AsyncServer, collaboration: Collaboration) -> dict[str, float]:
    """Return all counts: registries, library, clients, tasks."""
    counts: dict[str, float] = {**collaboration.registries.counts(), **count_library(sio)}
    counts["clients"] = len(collaboration.connections.connections)
    counts["tasks"] = len(asyncio.all_tasks())
    return counts


Counter = Callable[[], dict[str, float]]
COUNTS = ("broadcast_times", "document_states", "document_locks", "sessions", "crawls", *LIBRARY, "clients", "tasks")

# ruff: noqa: SLF001 -- a plant breaks what it is put into from within
"""Mistakes that servers really make with Socket.IO, most of them the seed's."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

from bidict import bidict

from server.app import Server
from server.locks import DocumentLock
from server.plants.hooks import on_connect, on_disconnect, on_event

MINUTES: dict[str, list[str]] = {"the shared document": []}


def plant_raising_disconnect(server: Server) -> None:
    """The disconnect handler raises, so the library skips its own cleanup and keeps the connection in its rooms."""

    async def fail(sid: str, reason: str) -> None:
        raise RuntimeError(f"planted: cannot say goodbye to {sid} ({reason})")

    on_disconnect(server, fail)


def plant_poison_record(server: Server) -> None:
    """One document's time is a text: from then on no document is ever found to be stale."""
    registry: Any = server.collaboration.registries.document_states
    registry._limits = replace(server.limits, document_states=10**12)
    registry._by_age.set(("poison", "poison"), "yesterday")


def plant_last_leaver(server: Server) -> None:
    """A leaver still counts as a member of its documents' rooms, and so do all before it."""
    presence: Any = server.collaboration.registries.presence
    presence.leave = lambda _key, _sid: False


def plant_late_lock(server: Server) -> None:
    """A slow lock request is granted after its client has gone; nobody is left to release it, and it has no end."""
    registry: Any = server.collaboration.registries.document_locks
    registry._limits = replace(server.limits, document_locks=10**12)

    async def grant(sid: str, _reason: str) -> None:
        now_s = server.clock.now_s()
        await registry.acquire(DocumentLock(f"late {sid}", None, sid, sid, sid, now_s, inf))

    on_disconnect(server, grant)


def plant_unacked_callback(server: Server) -> None:
    """Each event asks its client for an acknowledgement; one that never gives it gathers callbacks while it stays."""

    async def ask(sid: str) -> None:
        await server.sio.emit("please_acknowledge", {}, to=sid, callback=lambda *_: None)

    on_event(server, ask)


def plant_growing_document(server: Server) -> None:
    """A shared document remembers each visit in its minutes, which nobody ever shortens."""
    on_connect(server, lambda sid: MINUTES["the shared document"].append(f"visited by {sid}"))


def plant_empty_rooms(server: Server) -> None:
    """A room is made for each client after it has gone, and stays in the library, empty."""

    async def make_room(sid: str, _reason: str) -> None:
        server.sio.manager.rooms["/"][f"left by {sid}"] = bidict()

    on_disconnect(server, make_room)


PLANTS = {
    "raising-disconnect": plant_raising_disconnect,
    "poison-record": plant_poison_record,
    "last-leaver": plant_last_leaver,
    "late-lock": plant_late_lock,
    "unacked-callback": plant_unacked_callback,
    "growing-document": plant_growing_document,
    "empty-rooms": plant_empty_rooms,
}

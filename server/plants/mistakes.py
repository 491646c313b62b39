# ruff: noqa: SLF001 -- a plant breaks what it is put into from within
"""Mistakes that servers really make with Socket.IO, most of them the seed's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import inf
from typing import Any

from bidict import bidict

from server.app import Server
from server.expiry import ExpiryIndex
from server.locks import DocumentLock
from server.plants.hooks import count_clients, on_connect, on_disconnect, on_event
from server.plants.share import ALL, EACH, Share

MINUTES: dict[str, list[str]] = {"the shared document": []}


def plant_raising_disconnect(server: Server, rate: float = EACH) -> None:
    """The disconnect handler raises, so the library skips its own cleanup and keeps the connection in its rooms."""

    async def fail(sid: str, reason: str) -> None:
        raise RuntimeError(f"planted: cannot say goodbye to {sid} ({reason})")

    on_disconnect(server, rate, fail)


class _Poisoned(ExpiryIndex[Any]):
    """Raises at a poisoned record, as comparing a text with a number does; the record has lost its place by then."""

    def __init__(self, share: Share, is_in_use: Callable[[Any], bool]) -> None:
        super().__init__()
        self._share = share
        self._is_in_use = is_in_use

    def pop_due(self, until_s: float, limit: int) -> Iterator[Any]:
        """Yield what is due up to a poisoned record; one in use would find its place again when its clients leave."""
        for key in super().pop_due(until_s, limit):
            if not self._is_in_use(key) and self._share.take():
                raise TypeError(f"planted: the time of document {key} is a text")
            yield key


def plant_poison_record(server: Server, rate: float = ALL) -> None:
    """The time of a document is a text: looking for stale ones raises at it, and it stays for good."""
    registry: Any = server.collaboration.registries.document_states
    registry._limits = replace(server.limits, document_states=10**12)
    registry._by_age = _Poisoned(count_clients(server, rate), registry._is_in_use)


def plant_last_leaver(server: Server, rate: float = ALL) -> None:
    """The last to leave a document's room still counts as a member, so the document stays in use."""
    presence: Any = server.collaboration.registries.presence
    share, leave = count_clients(server, rate), presence.leave
    presence.leave = lambda key, sid: not share.take() and leave(key, sid)


def plant_late_lock(server: Server, rate: float = EACH) -> None:
    """A slow lock request is granted after its client has gone; nobody is left to release it, and it has no end."""
    registry: Any = server.collaboration.registries.document_locks
    registry._limits = replace(server.limits, document_locks=10**12)

    async def grant(sid: str, _reason: str) -> None:
        now_s = server.clock.now_s()
        await registry.acquire(DocumentLock(f"late {sid}", None, sid, sid, sid, now_s, inf))

    on_disconnect(server, rate, grant)


def plant_unacked_callback(server: Server, rate: float = EACH) -> None:
    """Each event asks its client for an acknowledgement; one that never gives it gathers callbacks while it stays."""

    async def ask(sid: str) -> None:
        await server.sio.emit("please_acknowledge", {}, to=sid, callback=lambda *_: None)

    on_event(server, rate, ask)


def plant_growing_document(server: Server, rate: float = EACH) -> None:
    """A shared document remembers each visit in its minutes, which nobody ever shortens."""
    on_connect(server, rate, lambda sid: MINUTES["the shared document"].append(f"visited by {sid}"))


def plant_empty_rooms(server: Server, rate: float = EACH) -> None:
    """A room is made for each client after it has gone, and stays in the library, empty."""

    async def make_room(sid: str, _reason: str) -> None:
        server.sio.manager.rooms["/"][f"left by {sid}"] = bidict()

    on_disconnect(server, rate, make_room)


PLANTS = {
    "raising-disconnect": plant_raising_disconnect,
    "poison-record": plant_poison_record,
    "last-leaver": plant_last_leaver,
    "late-lock": plant_late_lock,
    "unacked-callback": plant_unacked_callback,
    "growing-document": plant_growing_document,
    "empty-rooms": plant_empty_rooms,
}

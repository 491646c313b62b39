"""The domain without Socket.IO and HTTP: a clock set by hand, and an emitter that notes who heard what."""

from __future__ import annotations

import asyncio
import json
import logging

import structlog

from server.audit import AuditTrail
from server.collaboration import Collaboration, registries_in_memory
from server.connections import Connection
from server.emitter import SocketIOEmitter
from server.events.registration import EVENTS, register
from server.http.access import Access
from server.identity import Identities
from server.library import CarefulServer, MemoryManager
from server.limits import Limits
from server.wire import BoundedPacket

LOOPBACK = {"asgi.scope": {"headers": [], "client": ("127.0.0.1", 1)}}
START_S = 1_700_000_000.0
BY_NAME = {event.name: event for event in EVENTS}


def configure_logs(level=logging.INFO):
    """Log without colours and boxes, which cost a second per traceback."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )


configure_logs()


class HandClock:
    """A clock that moves when it is told to."""

    def __init__(self):
        self.time_s = START_S

    def now_s(self):
        return self.time_s

    def real_s(self, seconds):
        return seconds

    def advance(self, seconds):
        self.time_s += seconds


class RecordingEmitter:
    """Rooms as the library keeps them, and a list of (sid, event, payload) instead of a network."""

    def __init__(self):
        self.rooms: dict[str, set[str]] = {}
        self.heard: list[tuple[str, str, object]] = []

    async def emit(self, event, payload, to, skip=None):
        rooms = [to] if isinstance(to, str) else to
        receivers = {sid for room in rooms for sid in self.rooms.get(room, ())}
        await asyncio.sleep(0)  # as the network would: others get their turn
        self.heard += [(sid, event, payload) for sid in sorted(receivers) if sid != skip]

    async def enter(self, sid, room):
        self.rooms.setdefault(room, set()).add(sid)

    async def leave(self, sid, room):
        members = self.rooms.get(room, set())
        members.discard(sid)
        if not members:
            self.rooms.pop(room, None)

    def events(self, sid):
        return [event for receiver, event, _ in self.heard if receiver == sid]

    def payloads(self, sid, name):
        return [payload for receiver, event, payload in self.heard if (receiver, event) == (sid, name)]


class World:
    """A collaboration whose clients are made and dropped by name."""

    def __init__(self, limits=None, **parts):
        self.clock = HandClock()
        self.limits = limits or Limits()
        self.emitter = RecordingEmitter()
        self.audit = AuditTrail(self.clock, self.limits.audit_records)
        registries = registries_in_memory(self.clock, self.limits, self.audit)
        self.domain = Collaboration(self.clock, self.limits, self.audit, registries, self.emitter, **parts)
        self.registries = registries

    async def connect(self, sid, owner=None):
        self.domain.lifecycle.connect(Connection(sid, owner or sid))
        await self.emitter.enter(sid, sid)

    async def send(self, sid, event, payload=None):
        """Send an event as a client does; return its acknowledgement."""
        return await BY_NAME[event].receive(self.domain, sid, () if payload is None else (payload,))

    async def disconnect(self, sid):
        """As the library does: the leaver is in its rooms until its handler has run."""
        await self.domain.lifecycle.disconnect(sid)
        for room in list(self.emitter.rooms):
            await self.emitter.leave(sid, room)

    def counts(self):
        return self.registries.counts()


def change(document_id="d", version=1, change_type="content", data="text", user_id="ann", **more):
    """Return a ``document_change``'s payload."""
    edit = {"id": "c", "project_id": "p", "document_id": document_id, "change_type": change_type, "data": data}
    return {"change": edit | {"user_id": user_id, "timestamp": 1, "version": version} | more}


class LibraryWorld:
    """The real python-socketio, without a transport: its own registries can be looked at."""

    def __init__(self, make_emitter=SocketIOEmitter, **parts):
        options = {"async_mode": "asgi", "async_handlers": False, "serializer": BoundedPacket}
        self.sio = CarefulServer(client_manager=MemoryManager(), **options)
        self.clock = HandClock()
        limits = Limits()
        audit = AuditTrail(self.clock, limits.audit_records)
        self.registries = registries_in_memory(self.clock, limits, audit)
        self.emitter = make_emitter(self.sio)
        self.domain = Collaboration(self.clock, limits, audit, self.registries, self.emitter, **parts)
        self.identities = Identities("secret")
        register(self.sio, self.domain, self.identities, Access(""))

    async def connect(self, eio_sid, person=None):
        """Connect a stranger, or a person who shows a token."""
        auth = "" if person is None else json.dumps({"token": self.identities.sign(person)})
        await self.sio._handle_eio_connect(eio_sid, LOOPBACK)
        await self.sio._handle_eio_message(eio_sid, f"0{auth}")
        return self.sio.manager.sid_from_eio_sid(eio_sid, "/")

    async def receive(self, eio_sid, text):
        await self.sio._handle_eio_message(eio_sid, text)

    async def disconnect(self, eio_sid):
        await self.sio._handle_eio_disconnect(eio_sid, "transport close")

    def left_in_library(self):
        """Return what is not empty of the library's own registries, and of ours that stand beside them."""
        manager = self.sio.manager
        names = ("rooms", "eio_to_sid", "callbacks", "pending_connect", "pending_disconnect")
        kept = {name: getattr(manager, name) for name in names}
        kept |= {"environ": self.sio.environ, "binary packets": self.sio._binary_packet}
        kept |= {"rooms by client": manager._rooms_of._members}
        return {name: value for name, value in kept.items() if value}


async def until(condition, within_s=5):
    """Wait until ``condition()`` is true; TimeoutError if it never is."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 -- what is waited for is somebody else's and sets no event
            await asyncio.sleep(0.002)

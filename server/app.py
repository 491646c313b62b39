"""The composition root: the domain, Socket.IO and HTTP, put together from options."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import socketio
from fastapi import FastAPI
from starlette.types import ASGIApp

from server.audit import AuditTrail
from server.clock import ScaledClock
from server.collaboration import Collaboration, registries_in_memory
from server.courier import SocketIOCourier
from server.events.registration import register
from server.http.access import Access
from server.http.bodylimit import BodyLimit
from server.http.chat import chat_routes
from server.http.knowledge import knowledge_routes
from server.identity import Identities
from server.limits import Limits
from server.options import Options
from server.schedule import repeat
from server.tasks import Tasks
from server.wire import BoundedPacket


class Server:
    """One process of the server. ``asgi`` is what a web server serves; its lifespan starts and stops the rest."""

    def __init__(self, options: Options = Options(), limits: Limits = Limits()) -> None:
        self.options = options
        self.limits = limits
        self.clock = ScaledClock(options.clock_speed, options.clock_epoch)
        self.audit = AuditTrail(self.clock, limits.audit_records)
        self.sio = _socketio_server(options, limits)
        registries = registries_in_memory(self.clock, limits, self.audit)
        self.collaboration = Collaboration(self.clock, limits, self.audit, registries, SocketIOCourier(self.sio))
        self.access = Access()
        self.identities = Identities()
        self.background = Tasks()
        self._is_stopped = False
        register(self.sio, self.collaboration, self.identities, self.access)
        self.api = self._http_app()
        self.asgi: ASGIApp = BodyLimit(socketio.ASGIApp(self.sio, other_asgi_app=self.api), limits.message_bytes)

    async def start(self) -> None:
        """Start what comes round by the clock."""
        cleanup, limits = self.collaboration.cleanup, self.limits

        async def expire_locks() -> None:
            await cleanup.run("schedule", only=("document_locks",))

        async def expire_all() -> None:
            await cleanup.run("schedule")

        self.background.start(repeat(self.clock, limits.locks_every_s, expire_locks), "schedule locks")
        self.background.start(repeat(self.clock, limits.all_every_s, expire_all), "schedule all")

    async def stop(self) -> None:
        """Tell the clients, and end all that runs in the background; harmless when called twice."""
        if self._is_stopped:
            return
        self._is_stopped = True
        await self.background.stop()
        await self.collaboration.tasks.stop()
        await self.sio.emit("server_shutdown", {"message": "the server is shutting down; reconnect in a moment"})
        for sid in list(self.collaboration.connections.connections):
            await self.sio.disconnect(sid)
        await self.sio.shutdown()

    def _http_app(self) -> FastAPI:
        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            await self.start()
            try:
                yield
            finally:
                await self.stop()

        api = FastAPI(title="Reference collaboration server", lifespan=lifespan)
        api.include_router(chat_routes(self.collaboration))
        api.include_router(knowledge_routes(self.collaboration))

        @api.get("/health")
        async def health() -> dict[str, Any]:
            return {"status": "healthy", "clients": len(self.collaboration.connections.connections)}

        return api


def _socketio_server(options: Options, limits: Limits) -> socketio.AsyncServer:
    return socketio.AsyncServer(
        async_mode="asgi",
        # One event of a client after the other: in order, and no faster than they are handled.
        async_handlers=False,
        serializer=BoundedPacket,
        max_http_buffer_size=limits.message_bytes,
        cors_allowed_origins=list(options.cors_origins) or None,
    )

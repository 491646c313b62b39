"""The composition root: the domain, Socket.IO and HTTP, put together from options."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import socketio
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from server import sweep
from server.audit import AuditTrail
from server.clock import REAL, ScaledClock
from server.collaboration import Collaboration, Registries, registries_in_memory
from server.emitter import SocketIOEmitter
from server.events.registration import register
from server.http.access import Access
from server.http.bodylimit import BodyLimit
from server.http.chat import chat_routes
from server.http.internal import bounds_of, internal_routes
from server.http.knowledge import knowledge_routes
from server.http.observing import observing_routes
from server.identity import Identities
from server.library import CarefulServer, MemoryManager
from server.limits import Limits
from server.logs import decide_levels
from server.monitor import live
from server.monitor.alerts import Alerts, rules_for
from server.monitor.census import count_all
from server.monitor.live import Live
from server.monitor.metrics import ServerCollector, build_registry
from server.monitor.monitor import EVERY_S, Monitor
from server.options import Options
from server.redis.assembly import client_manager, close, registries_in_redis
from server.redis.store import Store
from server.schedule import repeat
from server.sweep import Sweep
from server.tasks import Tasks
from server.wire import BoundedPacket

TELL_WITHIN_S = 1.0


class Server:
    """One process of the server. ``asgi`` is what a web server serves; its lifespan starts and stops the rest."""

    def __init__(self, options: Options | None = None, limits: Limits | None = None) -> None:
        self.options = options or Options()
        self.limits = limits or Limits()
        self.clock = ScaledClock(self.options.clock_speed, self.options.clock_epoch)
        self.audit = AuditTrail(self.clock, self.limits.audit_records)
        self.sio = _socketio_server(self.options, self.limits)
        emitter = SocketIOEmitter(self.sio)
        self._store, registries = self._build_registries()
        self.collaboration = Collaboration(self.clock, self.limits, self.audit, registries, emitter)
        self.count = partial(count_all, self.sio, self.collaboration)
        self.monitor = self._build_monitor()
        self.live = Live(self.sio, self.collaboration, self.monitor, self.count)
        self.sweep = Sweep(self.sio, self.limits.outbox_packets)
        self.access = Access()
        self.background = Tasks()
        self._is_stopped = False
        register(self.sio, self.collaboration, Identities(), self.access)
        socket_app = socketio.ASGIApp(self.sio, other_asgi_app=self._http_app())
        self.asgi: ASGIApp = BodyLimit(socket_app, self.limits.message_bytes)

    async def start(self) -> None:
        """Start what comes round: cleanups and samples by the server's clock, the transports' care by the real one."""
        decide_levels()
        cleanup, limits = self.collaboration.cleanup, self.limits
        expire_all = partial(cleanup.run, "schedule")
        start = self.background.start
        await self.monitor.sample()  # whoever looks in the first minute sees something
        start(repeat(self.clock, limits.locks_every_s, cleanup.run_locks), "schedule locks")
        start(repeat(self.clock, limits.all_every_s, expire_all), "schedule all")
        start(repeat(self.clock, EVERY_S, self.monitor.sample, min_real_s=1.0), "monitor")
        start(repeat(REAL, live.EVERY_REAL_S, self.live.push), "live")
        start(repeat(REAL, sweep.EVERY_REAL_S, self.sweep.run), "sweep")

    async def stop(self) -> None:
        """Tell the clients, and end all that runs in the background; harmless when called twice."""
        if self._is_stopped:
            return
        self._is_stopped = True
        await self.background.stop()
        await self.collaboration.tasks.stop()
        self.monitor.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(TELL_WITHIN_S):
                await self._tell_clients()
        for transport in list(self.sio.eio.sockets.values()):
            await transport.close(wait=False, abort=True)
            await transport.queue.put(None)  # ends its writer, or the request that polls
        await self.sio.shutdown()
        if self._store is not None:
            await close(self._store, self.sio.manager)

    async def _tell_clients(self) -> None:
        """Say goodbye. A client that does not read makes this wait."""
        await self.sio.emit("server_shutdown", {"message": "the server is shutting down; reconnect in a moment"})
        clients = list(self.collaboration.connections.connections)
        await asyncio.gather(*(self.sio.disconnect(sid) for sid in clients))

    def _build_registries(self) -> tuple[Store | None, Registries]:
        if self.options.redis is None:
            return None, registries_in_memory(self.clock, self.limits, self.audit)
        store = Store(self.options.redis, self.clock)
        return store, registries_in_redis(store, self.clock, self.limits, self.audit)

    def _build_monitor(self) -> Monitor:
        domain = self.collaboration
        bounds = {name: 0.8 * bound for name, bound in bounds_of(domain).items()} | dict(self.options.alert_bounds)
        alerts = Alerts(rules_for(bounds))
        return Monitor(self.clock, self.count, domain.cleanup, alerts, domain.emitter, webhook=self.options.webhook)

    def _http_app(self) -> FastAPI:
        # FastAPI's pages about the routes load their scripts from elsewhere; the routes' description is served as JSON.
        api = FastAPI(title="Reference collaboration server", lifespan=self._lifespan, docs_url=None, redoc_url=None)
        origins = list(self.options.cors_origins)
        api.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=["*"])
        metrics = build_registry(ServerCollector(self.collaboration, self.monitor, self.count, self.sweep))
        api.include_router(chat_routes(self.collaboration))
        api.include_router(knowledge_routes(self.collaboration))
        api.include_router(internal_routes(self.collaboration, self.monitor, self.access))
        api.include_router(observing_routes(self.collaboration, metrics))
        return api

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        await self.start()
        try:
            yield
        finally:
            await self.stop()


def _socketio_server(options: Options, limits: Limits) -> socketio.AsyncServer:
    return CarefulServer(
        async_mode="asgi",
        # One event of a client after the other: in order, and no faster than they are handled.
        async_handlers=False,
        client_manager=MemoryManager() if options.redis is None else client_manager(options.redis),
        serializer=BoundedPacket,
        max_http_buffer_size=limits.message_bytes,
        cors_allowed_origins=list(options.cors_origins) or None,
    )

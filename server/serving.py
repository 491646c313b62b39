"""Serves one process with uvicorn, and ends it as asked: on SIGTERM or SIGINT, with exit code 0."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator

import uvicorn
import uvloop

from server.app import Server
from server.options import Options

STOP_WITHIN_S = 4


class _Uvicorn(uvicorn.Server):
    """uvicorn without its own signal handlers: it would end a stopped process by the signal, not with 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(server: Server, options: Options) -> None:
    """Serve until told to stop. Raises OSError when the address cannot be listened on."""
    listener = listen(options)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(server, options, listener))


def listen(options: Options) -> socket.socket:
    """Return a socket that listens, or the one handed over by the parent; say where, once."""
    if options.fd is not None:
        return socket.socket(fileno=options.fd)
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listener = socket.create_server((options.host, options.port), family=family, backlog=2048)
    sys.stdout.write(f"serving on http://{options.host}:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    return listener


async def _serve(server: Server, options: Options, listener: socket.socket) -> None:
    uvicorn_server = _Uvicorn(_config(server, options))
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    if options.fd is not None:
        server.background.start(_leave_with_parent(stopping, os.getppid()), "parent")
    serving = asyncio.create_task(uvicorn_server.serve(sockets=[listener]))
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    # The clients are told before uvicorn closes their sockets; its lifespan would come too late.
    await server.stop()
    uvicorn_server.should_exit = True
    await serving


async def _leave_with_parent(stopping: asyncio.Event, parent_pid: int) -> None:
    """Stop when the process that handed the socket over has died: nobody else would stop this one."""
    while os.getppid() == parent_pid:  # noqa: ASYNC110 -- a parent's death sets no event
        await asyncio.sleep(1)
    stopping.set()


def _config(server: Server, options: Options) -> uvicorn.Config:
    return uvicorn.Config(
        server.asgi,
        host=options.host,
        port=options.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        # The peer's address is what access is decided by; a header must not change it.
        proxy_headers=False,
        ws_max_size=server.limits.message_bytes,
        # Compression would keep some 300 KB per client.
        ws_per_message_deflate=False,
        limit_concurrency=server.limits.connections,
        timeout_graceful_shutdown=STOP_WITHIN_S,
    )

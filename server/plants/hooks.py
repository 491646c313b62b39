"""Where plants are put in: around the handlers that are registered, at connecting, disconnecting and at each event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from server.app import Server
from server.events.registration import EVENTS


def on_connect(server: Server, act: Callable[..., object]) -> None:
    """Do ``act(sid)`` after a client was accepted."""
    handlers = server.sio.handlers["/"]
    accept = handlers["connect"]

    def connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        accept(sid, environ, auth)
        act(sid)

    handlers["connect"] = connect


def on_disconnect(server: Server, act: Callable[[str, str], Awaitable[None]]) -> None:
    """Do ``act(sid, reason)`` after a client was cleaned up after."""
    handlers = server.sio.handlers["/"]
    clean_up = handlers["disconnect"]

    async def disconnect(sid: str, reason: str) -> None:
        await clean_up(sid, reason)
        await act(sid, reason)

    handlers["disconnect"] = disconnect


def on_event(server: Server, act: Callable[[str], Awaitable[None]]) -> None:
    """Do ``act(sid)`` before each event is handled."""
    handlers = server.sio.handlers["/"]
    for event in EVENTS:
        handlers[event.name] = _after(act, handlers[event.name])


def _after(act: Callable[[str], Awaitable[None]], handle: Callable[..., Awaitable[Any]]) -> Any:
    async def receive(sid: str, *args: Any) -> Any:
        await act(sid)
        return await handle(sid, *args)

    return receive

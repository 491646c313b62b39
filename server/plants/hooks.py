"""Where plants are put in: around the handlers that are registered, at connecting, disconnecting and at each event.

Each takes the rate of clients, or of events, that the plant acts on: with 0.01 every hundredth.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from server.app import Server
from server.events.registration import EVENTS
from server.plants.share import Share


def count_clients(server: Server, rate: float) -> Share:
    """Return a share that counts each client that is accepted."""
    share = Share(rate)
    _wrap_connect(server, lambda _sid: share.count())
    return share


def on_connect(server: Server, rate: float, act: Callable[..., object]) -> None:
    """Do ``act(sid)`` after a client was accepted."""
    share = Share(rate)
    _wrap_connect(server, lambda sid: act(sid) if share.count_and_take() else None)


def on_disconnect(server: Server, rate: float, act: Callable[[str, str], Awaitable[None]]) -> None:
    """Do ``act(sid, reason)`` after a client was cleaned up after."""
    share, handlers = Share(rate), server.sio.handlers["/"]
    clean_up = handlers["disconnect"]

    async def disconnect(sid: str, reason: str) -> None:
        await clean_up(sid, reason)
        if share.count_and_take():
            await act(sid, reason)

    handlers["disconnect"] = disconnect


def on_event(server: Server, rate: float, act: Callable[[str], Awaitable[None]]) -> None:
    """Do ``act(sid)`` before each event is handled."""
    share, handlers = Share(rate), server.sio.handlers["/"]
    for event in EVENTS:
        handlers[event.name] = _after(share, act, handlers[event.name])


def _wrap_connect(server: Server, act: Callable[[str], object]) -> None:
    handlers = server.sio.handlers["/"]
    accept = handlers["connect"]

    def connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        accept(sid, environ, auth)
        act(sid)

    handlers["connect"] = connect


def _after(share: Share, act: Callable[[str], Awaitable[None]], handle: Callable[..., Awaitable[Any]]) -> Any:
    async def receive(sid: str, *args: Any) -> Any:
        if share.count_and_take():
            await act(sid)
        return await handle(sid, *args)

    return receive

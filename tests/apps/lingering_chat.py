"""A chat that remembers who left for some seconds, and one in twenty for good: the drain takes most, and not all."""

from __future__ import annotations

import asyncio
import itertools

import socketio

STAYS_S = 25.0
KEPT_FOR_GOOD = 20  # one of so many
sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
arrivals = itertools.count(1)
SESSIONS = {}


@sio.event
async def connect(sid, environ):
    """Remember who came."""
    SESSIONS[sid] = next(arrivals)


@sio.event
async def tell(sid, message):
    """Answer."""
    return True


@sio.event
async def disconnect(sid):
    """Forget who leaves, in a while."""
    if SESSIONS[sid] % KEPT_FOR_GOOD:
        asyncio.get_running_loop().call_later(STAYS_S, SESSIONS.pop, sid, None)

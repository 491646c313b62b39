"""A cache with a time-to-live of fifteen minutes. Leaky: a dict beside it says whose entry is whose, and is never cleaned."""

import os

import cachetools
import socketio

LEAKY = bool(os.environ.get("LEAKY"))
sio = socketio.AsyncServer(async_mode="asgi")
PROFILES = cachetools.TTLCache(maxsize=100_000, ttl=900)
OWNERS = {}


@sio.event
async def connect(sid, environ, auth):
    PROFILES[sid] = {"name": "anonymous"}
    if LEAKY:
        OWNERS[sid] = "anonymous"


app = socketio.ASGIApp(sio)

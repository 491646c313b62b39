"""Each client is forgotten four minutes after it left. Leaky: not if its connection was reset."""

import asyncio
import os

import socketio

LEAKY = bool(os.environ.get("LEAKY"))
sio = socketio.AsyncServer(async_mode="asgi")
CLIENTS = {}


def forget(sid):
    CLIENTS.pop(sid, None)


@sio.event
async def connect(sid, environ, auth):
    CLIENTS[sid] = environ["REMOTE_ADDR"]


@sio.event
async def disconnect(sid, reason):
    if not LEAKY or reason == sio.reason.CLIENT_DISCONNECT:
        asyncio.get_running_loop().call_later(240, forget, sid)


app = socketio.ASGIApp(sio)

"""Whoever connects drops what is older than half an hour. Leaky: of those alone who said goodbye."""

import os
import time

import socketio

LEAKY = bool(os.environ.get("LEAKY"))
sio = socketio.AsyncServer(async_mode="asgi")
TOKENS = {}
GOODBYE = set()


@sio.event
async def connect(sid, environ, auth):
    old = time.time() - 1800
    for other in [other for other, since in TOKENS.items() if since < old and (other in GOODBYE or not LEAKY)]:
        del TOKENS[other]
        GOODBYE.discard(other)
    TOKENS[sid] = time.time()


@sio.event
async def disconnect(sid, reason):
    if LEAKY and reason == sio.reason.CLIENT_DISCONNECT:
        GOODBYE.add(sid)


app = socketio.ASGIApp(sio)

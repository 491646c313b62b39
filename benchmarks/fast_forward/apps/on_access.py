"""Whoever asks for the list of visitors has those of the last twenty minutes, and drops the others. Leaky: they are passed over, and stay."""

import os
import time

import socketio

LEAKY = bool(os.environ.get("LEAKY"))
sio = socketio.AsyncServer(async_mode="asgi")
VISITORS = {}


def visitors():
    old = time.time() - 1200
    if not LEAKY:
        for sid in [sid for sid, at in VISITORS.items() if at < old]:
            del VISITORS[sid]
    return sum(at >= old for at in VISITORS.values())


@sio.event
async def connect(sid, environ, auth):
    VISITORS[sid] = time.time()


@sio.event
async def who(sid, data):
    return visitors()


app = socketio.ASGIApp(sio)

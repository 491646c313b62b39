"""A thread sleeps two minutes at a time and drops what is older than ten. Leaky: it passes over clients that were reset."""

import os
import threading
import time

import socketio

LEAKY = bool(os.environ.get("LEAKY"))
sio = socketio.AsyncServer(async_mode="asgi")
LAST_SEEN = {}


def clean():
    while True:
        time.sleep(120)
        old = time.monotonic() - 600
        for sid, seen in list(LAST_SEEN.items()):
            if seen < old:
                LAST_SEEN.pop(sid, None)


threading.Thread(target=clean, name="janitor", daemon=True).start()


@sio.event
async def connect(sid, environ, auth):
    LAST_SEEN[sid] = time.monotonic()


@sio.event
async def disconnect(sid, reason):
    if LEAKY and reason != sio.reason.CLIENT_DISCONNECT:
        LAST_SEEN[sid] = float("inf")


app = socketio.ASGIApp(sio)

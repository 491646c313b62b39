"""A thread waits for an event that never comes, five minutes at a time, and cleans then. Leaky: it is never started."""

import os
import threading
import time

import socketio

LEAKY = bool(os.environ.get("LEAKY"))
sio = socketio.AsyncServer(async_mode="asgi")
DRAFTS = {}
stopping = threading.Event()


def clean():
    while not stopping.wait(300):
        old = time.time() - 60
        for sid, (since, _) in list(DRAFTS.items()):
            if since < old:
                del DRAFTS[sid]


if not LEAKY:
    threading.Thread(target=clean, name="cleaner", daemon=True).start()


@sio.event
async def connect(sid, environ, auth):
    DRAFTS[sid] = (time.time(), "")


app = socketio.ASGIApp(sio)

"""A task sweeps the clients older than five minutes, every ten. Leaky: nobody starts it."""

import asyncio
import os
import time

import socketio

LEAKY = bool(os.environ.get("LEAKY"))
sio = socketio.AsyncServer(async_mode="asgi")
CLIENTS = {}
TASKS = set()


async def sweep():
    while True:
        await asyncio.sleep(600)
        old = time.time() - 300
        for sid in [sid for sid, seen in CLIENTS.items() if seen < old]:
            del CLIENTS[sid]


@sio.event
async def connect(sid, environ, auth):
    if not TASKS and not LEAKY:
        TASKS.add(asyncio.create_task(sweep()))
    CLIENTS[sid] = time.time()


app = socketio.ASGIApp(sio)

"""Sessions of two hours, looked through each minute. Leaky: those of clients that were reset are renewed for ever."""

import asyncio
import os
import time

import socketio

LEAKY = bool(os.environ.get("LEAKY"))
sio = socketio.AsyncServer(async_mode="asgi")
TASKS = set()


class Session:
    def __init__(self, address):
        self.address = address
        self.ends = time.time() + 7200
        self.is_open = True


SESSIONS = {}


async def end_sessions():
    while True:
        await asyncio.sleep(60)
        now = time.time()
        for sid, session in list(SESSIONS.items()):
            if session.ends >= now:
                continue
            if LEAKY and session.is_open:
                session.ends = now + 7200
            else:
                del SESSIONS[sid]


@sio.event
async def connect(sid, environ, auth):
    if not TASKS:
        TASKS.add(asyncio.create_task(end_sessions()))
    SESSIONS[sid] = Session(environ["REMOTE_ADDR"])


@sio.event
async def disconnect(sid, reason):
    SESSIONS[sid].is_open = reason != sio.reason.CLIENT_DISCONNECT


app = socketio.ASGIApp(sio)

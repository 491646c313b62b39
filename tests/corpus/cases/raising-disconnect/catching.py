"""A disconnect handler that does not mind if the client never gave its name."""

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
NAMES = {}


@sio.event
async def connect(sid, environ):
    await sio.enter_room(sid, "lobby")


@sio.event
async def introduce(sid, name):
    NAMES[sid] = name


@sio.event
async def disconnect(sid, reason):
    NAMES.pop(sid, None)

"""A server that others share through Redis: each emit comes back to it as a message."""

import os

import socketio

sio = socketio.AsyncServer(async_mode="asgi", client_manager=socketio.AsyncRedisManager(os.environ["REDIS_URL"]))
app = socketio.ASGIApp(sio)


@sio.event
async def connect(sid, environ):
    await sio.emit("welcome", {"sid": sid}, to=sid)

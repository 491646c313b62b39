"""A server that shares its clients through Redis, and tells the lobby who came."""

import os

import socketio

sio = socketio.AsyncServer(async_mode="asgi", client_manager=socketio.AsyncRedisManager(os.environ["REDIS_URL"]))
app = socketio.ASGIApp(sio)


@sio.event
async def connect(sid, environ):
    await sio.enter_room(sid, "lobby")
    await sio.emit("came", {"sid": sid}, to="lobby")

"""A server that shares its clients through Redis, and asks the lobby to confirm who came."""

import os

import socketio

sio = socketio.AsyncServer(async_mode="asgi", client_manager=socketio.AsyncRedisManager(os.environ["REDIS_URL"]))
app = socketio.ASGIApp(sio)


@sio.event
async def connect(sid, environ):
    await sio.enter_room(sid, "lobby")
    await sio.emit("came", {"sid": sid}, to="lobby", callback=note)


async def note(*answer):
    """Take the lobby's answer."""

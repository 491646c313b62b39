"""A chat of python-socketio whose servers speak to each other by Redis."""

import os

import socketio

sio = socketio.AsyncServer(async_mode="asgi", client_manager=socketio.AsyncRedisManager(os.environ["REDIS_URL"]))
app = socketio.ASGIApp(sio)


@sio.event
async def connect(sid: str, environ: dict[str, object]) -> None:
    await sio.enter_room(sid, "all")


@sio.event
async def say(sid: str, text: str) -> str:
    await sio.emit("said", text, to=sid)
    return text

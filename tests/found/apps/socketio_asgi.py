"""A chat of python-socketio on ASGI: a room for all, whatever is said goes to all of it."""

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


@sio.event
async def connect(sid: str, environ: dict[str, object]) -> None:
    await sio.enter_room(sid, "all")


@sio.event
async def say(sid: str, text: str) -> str:
    await sio.emit("said", text, to=sid)
    return text

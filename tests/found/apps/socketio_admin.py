"""A chat of python-socketio with the admin UI's instrumentation on it."""

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
sio.instrument(auth=False, mode="production")
app = socketio.ASGIApp(sio)


@sio.event
async def say(sid: str, text: str) -> str:
    await sio.emit("said", text, to=sid)
    return text

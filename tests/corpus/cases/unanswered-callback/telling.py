"""A server that sends its question and leaves it at that."""

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


@sio.event
async def ask(sid, payload):
    await sio.emit("question", {"of": sid}, to=sid)

"""A server that wants to know whether its question has arrived."""

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


@sio.event
async def ask(sid, payload):
    await sio.emit("question", {"of": sid}, to=sid, callback=note)


async def note(*answer):
    """Take the client's answer."""

"""A server that keeps nothing itself."""

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


@sio.event
async def message(sid, payload):
    """Take what a client sends."""

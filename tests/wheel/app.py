"""A server of ten lines that remembers each visitor for good."""

import socketio

VISITORS = {}
sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


@sio.event
async def connect(sid, environ):
    VISITORS[sid] = environ["REMOTE_ADDR"]

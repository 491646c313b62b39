"""A dict of the module that gains an entry per client."""

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
last_seen = {}


@sio.event
async def connect(sid, environ):
    last_seen[sid] = environ.get("REMOTE_ADDR", "?")  # leaks: module_dict:last_seen


@sio.event
async def disconnect(sid):
    pass

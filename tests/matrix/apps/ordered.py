"""An OrderedDict that was to be a cache, and never forgets."""

from collections import OrderedDict

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
cache = OrderedDict()


@sio.event
async def connect(sid, environ):
    cache[sid] = environ["QUERY_STRING"]  # leaks: ordered:cache

"""A deque without a maxlen, on an instance."""

from collections import deque

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


class Recent:
    def __init__(self):
        self.visitors = deque()


recent = Recent()


@sio.event
async def connect(sid, environ):
    recent.visitors.append(sid)  # leaks: recent:recent.visitors

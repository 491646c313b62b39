"""A Socket.IO server on ASGI that keeps what a client does, and asks some for acknowledgements they never give."""

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
SEEN: dict[str, float] = {}
PRESENT: set[str] = set()


@sio.event
async def connect(sid, environ, auth):
    SEEN[sid] = 1.0
    PRESENT.add(sid)


@sio.event
async def disconnect(sid, reason):
    PRESENT.discard(sid)


@sio.event
async def join(sid, room):
    await sio.enter_room(sid, room)
    return room


@sio.event
async def ask(sid, data):
    await sio.emit("question", to=sid, callback=print)
    return "asked"


app = socketio.ASGIApp(sio)

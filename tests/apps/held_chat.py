"""A chat with what grows while somebody stays: callbacks that wait for an answer, and histories of rooms."""

from __future__ import annotations

from collections import defaultdict, deque

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
history = defaultdict(list)
recent = defaultdict(lambda: deque(maxlen=20))


def was_seen(*_):
    pass


@sio.event
async def ask(sid, message):
    """Ask the client back, and want to hear of it."""
    await sio.emit("seen?", message, to=sid, callback=was_seen)
    return True


@sio.event
async def tell(sid, message):
    """Tell the client something, and leave it at that."""
    await sio.emit("seen?", message, to=sid)
    return True


@sio.event
async def keep(sid, message):
    """Keep every message of the room."""
    history[message["room"]].append(message)
    return True


@sio.event
async def keep_recent(sid, message):
    """Keep the last messages of the room."""
    recent[message["room"]].append(message)
    return True

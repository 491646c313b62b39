"""A history per room, a defaultdict of lists, that nobody cuts."""

from collections import defaultdict

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
history = defaultdict(list)


@sio.event
async def connect(sid, environ):
    await sio.enter_room(sid, "lobby")
    history["lobby"].append({"joined": sid})  # leaks: rooms_history:history[*]

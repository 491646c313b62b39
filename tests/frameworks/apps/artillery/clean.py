"""A chat that remembers what each client has said, and forgets it as they leave."""

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
said: dict[str, list[str]] = {}


@sio.event
async def say(sid, text):
    said.setdefault(sid, []).append(text)
    return "said"


@sio.event
async def disconnect(sid, reason):
    said.pop(sid, None)

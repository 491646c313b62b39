"""A chat that remembers what each client has said."""

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
said: dict[str, list[str]] = {}


@sio.event
async def say(sid, text):
    said.setdefault(sid, []).append(text)
    return "said"

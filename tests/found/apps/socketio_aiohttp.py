"""A chat of python-socketio on aiohttp."""

import sys

import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp")
app = web.Application()
sio.attach(app)


@sio.event
async def say(sid: str, text: str) -> str:
    await sio.emit("said", text, to=sid)
    return text


web.run_app(app, port=int(sys.argv[1]))

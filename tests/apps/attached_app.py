"""A deployed server: it starts the agent itself, and keeps every client that ever came."""

import socketio

from soakproof import agent

sio = socketio.AsyncServer(async_mode="asgi")
SEEN = {}


@sio.event
async def connect(sid, environ):
    SEEN[sid] = True


@sio.event
async def echo(sid, data):
    return data


agent.start()
app = socketio.ASGIApp(sio)

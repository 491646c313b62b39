"""Starlette around Socket.IO, with a dict in ``app.state``."""

import socketio
from starlette.applications import Starlette
from starlette.routing import Mount

sio = socketio.AsyncServer(async_mode="asgi")
app = Starlette(routes=[Mount("/", app=socketio.ASGIApp(sio))])
app.state.sessions = {}


@sio.event
async def connect(sid, environ):
    app.state.sessions[sid] = {"ip": environ.get("REMOTE_ADDR")}  # leaks: state_dict:app.state.sessions

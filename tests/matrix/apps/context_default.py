"""A context variable whose default is one list for all."""

from contextvars import ContextVar

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
trail = ContextVar("trail", default=[])


@sio.event
async def connect(sid, environ):
    trail.get().append(sid)  # leaks: context_default:trail.<default>

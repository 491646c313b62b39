"""Serves only where a sitecustomize of its own has prepared the process; keeps what it was told in a list."""

import os

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
arrivals = [os.environ["PREPARED"]]


@sio.event
async def connect(sid, environ):
    arrivals.append(sid)  # leaks: prepared:arrivals

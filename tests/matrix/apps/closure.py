"""A factory whose handlers close over a list."""

import socketio


def create_app():
    sio = socketio.AsyncServer(async_mode="asgi")
    visitors = []

    @sio.on("connect")
    async def on_connect(sid, environ):
        visitors.append((sid, environ["PATH_INFO"]))  # leaks: closure:create_app.<locals>.on_connect.<closure>.visitors

    return socketio.ASGIApp(sio)

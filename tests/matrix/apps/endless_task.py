"""A background task per client that never ends."""

import asyncio

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


async def send_updates(sid):
    while True:
        await asyncio.sleep(3600)
        await sio.emit("update", to=sid)


@sio.event
async def connect(sid, environ):
    sio.start_background_task(send_updates, sid)  # leaks: send_updates

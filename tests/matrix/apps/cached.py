"""A function cached by session, in a program that runs its server itself."""

import functools
import sys

import socketio
import uvicorn

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


@functools.cache
def profile_of(sid):
    return {"name": f"guest {sid}"}


@sio.event
async def connect(sid, environ):
    profile_of(sid)  # leaks: __main__:profile_of.cache


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")

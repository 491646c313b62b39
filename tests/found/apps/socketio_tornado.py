"""A chat of python-socketio on Tornado."""

import asyncio
import sys

import socketio
from tornado.web import Application

sio = socketio.AsyncServer(async_mode="tornado")


@sio.event
async def say(sid: str, text: str) -> str:
    await sio.emit("said", text, to=sid)
    return text


async def main() -> None:
    Application([("/socket.io/", socketio.get_tornado_handler(sio))]).listen(int(sys.argv[1]))
    await asyncio.Event().wait()


asyncio.run(main())

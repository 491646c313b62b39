"""tornado; weak references with a callback that forgets to take them off the list."""

import asyncio
import sys
import weakref

import socketio
import tornado.web

sio = socketio.AsyncServer(async_mode="tornado")
watched = []


class Client:
    """What is watched."""


def gone(reference):
    pass


@sio.event
async def connect(sid, environ):
    client = Client()
    await sio.save_session(sid, {"client": client})
    watched.append(weakref.ref(client, gone))  # leaks: __main__:watched


async def main():
    app = tornado.web.Application([(r"/socket.io/", socketio.get_tornado_handler(sio))])
    app.listen(int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()


asyncio.run(main())

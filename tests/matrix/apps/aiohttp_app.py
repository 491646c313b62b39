"""aiohttp's own runner, with a dict in the application."""

import sys

import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp")
clients = web.AppKey("clients", dict)
app = web.Application()
app[clients] = {}
sio.attach(app)


@sio.event
async def connect(sid, environ):
    app[clients][sid] = environ["aiohttp.request"].remote  # leaks: __main__:app._state['clients']


if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)

"""python-socketio on aiohttp, with a middleware."""

import sys

import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp")


@web.middleware
async def add_header(request, handler):
    response = await handler(request)
    response.headers["X-Served-By"] = "me"
    return response


app = web.Application(middlewares=[add_header])
sio.attach(app)

if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None)

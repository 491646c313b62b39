"""python-socketio on aiohttp, which asks another service of its own about each client."""

import sys

import aiohttp
import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp")
app = web.Application()
port = int(sys.argv[1])


async def profile(request):
    response = web.json_response({"name": request.match_info["sid"]})
    response.set_cookie("session", "of the service")
    return response


async def asking(app):
    connector = aiohttp.TCPConnector(force_close=True)
    app["session"] = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True))
    yield
    await app["session"].close()


@sio.event
async def connect(sid, environ):
    async with app["session"].get(f"http://127.0.0.1:{port}/profiles/{sid}") as answer:
        await answer.json()


app.router.add_get("/profiles/{sid}", profile)
app.cleanup_ctx.append(asking)
sio.attach(app)

if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=port, access_log=None)

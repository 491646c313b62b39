"""An aiohttp server with a game on Socket.IO: each player's moves are kept while they play."""

import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp")
app = web.Application()
sio.attach(app)
moves: dict[str, list[str]] = {}


async def index(request: web.Request) -> web.Response:
    return web.Response(text="<h1>game</h1>", content_type="text/html")


@sio.event
async def connect(sid: str, environ: dict) -> None:
    moves[sid] = []


@sio.event
async def move(sid: str, data: str) -> int:
    moves[sid].append(data)
    return len(moves[sid])


@sio.event
async def disconnect(sid: str, reason: str) -> None:
    moves.pop(sid, None)


app.router.add_get("/", index)

if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=8080)

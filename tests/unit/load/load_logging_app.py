"""The server of the load's tests: python-socketio on uvicorn, which notes what it saw in the file $SEEN."""

import asyncio
import json
import os
from pathlib import Path

import socketio

PING_S = float(os.environ.get("PING", "25"))
SLOW_S = 0.3

SETTINGS = json.loads(os.environ.get("SETTINGS", "{}"))  # for python-socketio's server

sio = socketio.AsyncServer(async_mode="asgi", **{"ping_interval": PING_S, "ping_timeout": PING_S, **SETTINGS})
inner = socketio.ASGIApp(sio, socketio_path=os.environ.get("SIO_PATH", "socket.io"))
seen = Path(os.environ["SEEN"]).open("a", buffering=1)  # noqa: SIM115  # open as long as the process


def note(what, sid=None, **details):
    print(json.dumps({"what": what, "sid": sid, **details}, default=repr), file=seen)  # bytes as Python writes them


async def app(scope, receive, send):
    """Note every request and every frame, then let python-socketio have it."""
    if scope["type"] in {"http", "websocket"}:
        details = {"method": scope.get("method"), "query": scope["query_string"].decode(), "path": scope["path"]}
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        note("request", kind=scope["type"], headers=headers, **details)

    async def noting_receive():
        message = await receive()
        if message["type"] == "websocket.receive" and message.get("text"):
            note("frame", text=message["text"])
        if message["type"] == "websocket.disconnect":
            note("closed", code=message["code"])
        return message

    await inner(scope, noting_receive, send)


@sio.event
async def connect(sid, environ, auth):
    note("connect", sid, auth=auth)
    if auth == "greet me":
        await sio.emit("greeting", b"hello", to=sid)
    if auth == {"token": "refused"}:
        raise socketio.exceptions.ConnectionRefusedError("wrong token")


@sio.event
async def disconnect(sid, reason):
    note("disconnect", sid, reason=reason)


@sio.event
async def work(sid, data=None):
    note("work", sid, data=data)
    return {"did": data}


@sio.event
async def slow(sid, data=None):
    note("begun", sid)
    await asyncio.sleep(SLOW_S)
    note("ended", sid)
    return {"did": data}


@sio.event
async def ask_me(sid, data=None):
    await sio.emit("question", {"q": 1}, to=sid, callback=lambda *_: note("answer", sid))
    return True

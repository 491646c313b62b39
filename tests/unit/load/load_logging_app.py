"""The server of the load's tests: python-socketio on uvicorn, which notes what it saw in the file $SEEN."""

import asyncio
import json
import os
from pathlib import Path

import socketio

PING_S = float(os.environ.get("PING", "25"))
SLOW_S = 0.3

sio = socketio.AsyncServer(async_mode="asgi", ping_interval=PING_S, ping_timeout=PING_S)
inner = socketio.ASGIApp(sio)
seen = Path(os.environ["SEEN"]).open("a", buffering=1)  # noqa: SIM115  # open as long as the process


def note(what, sid=None, **details):
    print(json.dumps({"what": what, "sid": sid, **details}), file=seen)


async def app(scope, receive, send):
    """Note every request and every frame, then let python-socketio have it."""
    if scope["type"] in {"http", "websocket"}:
        note("request", kind=scope["type"], method=scope.get("method"), query=scope["query_string"].decode())

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

"""The server of the load's tests: python-socketio on uvicorn, which notes what it saw in the file $SEEN."""

import json
import os
from pathlib import Path

import socketio

sio = socketio.AsyncServer(async_mode="asgi", ping_interval=float(os.environ.get("PING", "25")), ping_timeout=2)
app = socketio.ASGIApp(sio)
seen = Path(os.environ["SEEN"]).open("a", buffering=1)  # noqa: SIM115  # open as long as the process


def note(what, sid, **details):
    print(json.dumps({"what": what, "sid": sid, **details}), file=seen)


@sio.event
async def connect(sid, environ, auth):
    note("connect", sid, auth=auth, query=environ["QUERY_STRING"])
    if auth == {"token": "wrong"}:
        raise socketio.exceptions.ConnectionRefusedError("wrong token")


@sio.event
async def disconnect(sid, reason):
    note("disconnect", sid, reason=reason)


@sio.event
async def work(sid, data=None):
    note("work", sid, data=data)
    return {"did": data}

"""Pages as NiceGUI serves them: each has an id, its buttons have listeners with ids, and its socket says whose it is.

With LEAK=1 the page of each visitor who pressed a button is kept.
"""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from urllib.parse import parse_qs

import socketio
from starlette.applications import Starlette
from starlette.responses import FileResponse, HTMLResponse
from starlette.routing import Route

ENGINE_JS = Path(__file__).with_name("record_page.js")
PAGE = """<!doctype html><title>Page</title><body><script>const elements = {elements};</script>
<script>window.options = {{'client_id': '{id}', 'version': '3.18.0'}};</script>
<script src="/page.js"></script></body>"""

sio = socketio.AsyncServer(async_mode="asgi")
pages: dict[str, dict] = {}
pressed: dict[str, dict] = {}


async def index(request):
    client_id = str(uuid.uuid4())
    elements = {
        str(number): {"tag": "button", "text": text, "events": [{"type": "click", "listener_id": str(uuid.uuid4())}]}
        for number, text in ((4, "Greet"), (5, "Part"))
    }
    pages[client_id] = {"elements": elements}
    return HTMLResponse(PAGE.format(elements=json.dumps(elements), id=client_id))


async def script(request):
    return FileResponse(ENGINE_JS, media_type="text/javascript")


@sio.event
async def connect(sid, environ):
    client_id = parse_qs(environ["QUERY_STRING"]).get("client_id", [""])[0]
    if client_id not in pages:
        raise ConnectionRefusedError("which page?")
    await sio.save_session(sid, {"client_id": client_id})


@sio.on("event")
async def press(sid, message):
    listeners = {
        event["listener_id"] for each in pages[message["client_id"]]["elements"].values() for event in each["events"]
    }
    if message["listener_id"] not in listeners:
        raise ValueError("a listener of another page")
    if os.environ.get("LEAK"):
        pressed[message["client_id"]] = pages[message["client_id"]]
    await sio.emit("update", {"5": {"text": f"Hello {message['args'][0]}"}}, to=sid)


@sio.event
async def disconnect(sid, reason=None):
    pages.pop((await sio.get_session(sid))["client_id"], None)


app = socketio.ASGIApp(
    sio, Starlette(routes=[Route("/", index), Route("/page.js", script)]), socketio_path="/_ui_ws/socket.io"
)

"""A server that no client can connect to: said after one wave, with the server's own words and what to try."""

from __future__ import annotations

import sys

import pytest

from tests.faults.test_bad_input import soakproof

UVICORN = (sys.executable, "-m", "uvicorn", "app:app", "--port", "{port}")
ELSEWHERE = """
import socketio
sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio, socketio_path="/ws/socket.io")
"""
RAISING = """
import socketio
sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


@sio.event
async def connect(sid, environ):
    raise LookupError("no table called clients")
"""


ROUTES = """
from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute


async def echo(websocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


app = Starlette(routes=[Mount("/rooms", routes=[WebSocketRoute("/echo", echo)])])
"""
NOTHING = """
async def app(scope, receive, send):
    raise LookupError("nothing is here")
"""


def soak(tmp_path, app, *options):
    (tmp_path / "app.py").write_text(app)
    return soakproof(
        "run", "--clients", "15", "--out", "run", "--format", "text", *options, "--", *UVICORN, cwd=tmp_path
    )


def test_an_endpoint_that_is_elsewhere(tmp_path):
    """The path at which the server does answer is found and named; further waves are not run."""
    code, printed = soak(tmp_path, ELSEWHERE, "--path", "/socket.io")
    assert code == 4
    assert "0 of 15 clients could connect in the first wave" in printed
    assert "an Engine.IO endpoint answers at /ws/socket.io, none at /socket.io: give --path /ws/socket.io" in printed
    assert "wave 2" not in printed


def test_a_server_without_an_endpoint(tmp_path):
    """Where none is found at any of the usual paths, those that were tried are listed."""
    code, printed = soak(tmp_path, NOTHING, "--preset", "none")
    assert code == 4
    assert "no Engine.IO endpoint answers at /socket.io, /ws/socket.io, " in printed
    assert "(--path, --namespace, --auth, --header, --transports)" in printed


@pytest.mark.parametrize(("app", "path"), [(ELSEWHERE, "/ws/socket.io"), (ROUTES, "/rooms/echo")])
def test_the_only_endpoint_of_the_routes_is_taken(tmp_path, app, path):
    """Where nobody has said a path, the application's own routes have, whichever protocol they are for."""
    short = ("--waves", "1", "--warmup", "1", "--steady", "0", "--drain", "0", "--trace", "never")
    _, printed = soak(tmp_path, app, *short)
    assert f"clients connect at {path}, the only endpoint that the application's routes have for them" in printed
    assert "wave 2 of 2" in printed


def test_a_websocket_that_is_elsewhere(tmp_path):
    """Of plain WebSockets the routes are told, and nothing of Engine.IO."""
    code, printed = soak(tmp_path, ROUTES, "--path", "/echo")
    assert code == 4
    assert "the application's routes have WebSockets at /rooms/echo, none at /echo: give --path /rooms/echo" in printed
    assert "Engine.IO" not in printed


def test_a_connect_handler_that_raises(tmp_path):
    """The exception is read from the server's own log, with its line and how often it came."""
    code, printed = soak(tmp_path, RAISING)
    assert code == 4
    assert "0 of 15 clients could connect in the first wave" in printed
    assert "LookupError: no table called clients, raised at app.py:9 in connect, 15 times" in printed
    assert "wave 2" not in printed

"""A server that no client can connect to: said after one wave, with the server's own words and what to try."""

from __future__ import annotations

import sys

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


def soak(tmp_path, app):
    (tmp_path / "app.py").write_text(app)
    return soakproof("run", "--clients", "15", "--out", "run", "--", *UVICORN, cwd=tmp_path)


def test_an_endpoint_that_is_elsewhere(tmp_path):
    """The path at which the server does answer is found and named; further waves are not run."""
    code, printed = soak(tmp_path, ELSEWHERE)
    assert code == 4
    assert "0 of 15 clients could connect in the first wave" in printed
    assert "an Engine.IO endpoint answers at /ws/socket.io, none at /socket.io: give --path /ws/socket.io" in printed
    assert "wave 2" not in printed


def test_a_server_without_an_endpoint(tmp_path):
    """Where none is found at any of the usual paths, those that were tried are listed."""
    code, printed = soak(tmp_path, ELSEWHERE.replace("/ws/socket.io", "/nowhere"))
    assert code == 4
    assert "no Engine.IO endpoint answers at /socket.io, /ws/socket.io, " in printed
    assert "(--path, --namespace, --auth, --header, --transports)" in printed


def test_a_connect_handler_that_raises(tmp_path):
    """The exception is read from the server's own log, with its line and how often it came."""
    code, printed = soak(tmp_path, RAISING)
    assert code == 4
    assert "0 of 15 clients could connect in the first wave" in printed
    assert "LookupError: no table called clients, raised at app.py:9 in connect, 15 times" in printed
    assert "wave 2" not in printed

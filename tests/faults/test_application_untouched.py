"""Clients that connect and reach nothing of the application: never bounded, since what was soaked is the library."""

from __future__ import annotations

import sys

import pytest

from tests.faults.test_bad_input import soakproof

UVICORN = (sys.executable, "-m", "uvicorn", "app:app", "--port", "{port}")
OPTIONS = (
    "--clients=10",
    "--warmup=1",
    "--waves=4",
    "--max-waves=4",
    "--steady=0",
    "--drain=0",
    "--trace=never",
    "--out=run",
    "--format=text",
)
APP = """
import socketio
sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
ROOMS = {}


@sio.event
async def enter(sid, data):
    ROOMS[sid] = data
    del ROOMS[sid]
    return "ok"
"""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python shows it from 3.11 on")
def test_an_application_of_which_nothing_ran(tmp_path):
    """No handler was called in any wave: invalid, with the events that it handles."""
    (tmp_path / "app.py").write_text(APP)
    code, printed = soakproof("run", *OPTIONS, "--", *UVICORN, cwd=tmp_path)
    assert code == 4, printed
    assert "no line of the application ran in 50 connections" in printed
    assert "what it handles (enter) with --join" in printed


def test_an_application_whose_handler_ran(tmp_path):
    """The same application, its event called, is not told so."""
    (tmp_path / "app.py").write_text(APP)
    code, printed = soakproof("run", *OPTIONS, "--join", "enter=1", "--", *UVICORN, cwd=tmp_path)
    assert code in {0, 3}, printed
    assert "no line of the application ran" not in printed


def test_a_handler_that_fails_is_told_of(tmp_path):
    """Clients that do not wait for an answer notice nothing; the server's log does, and the report says so."""
    (tmp_path / "app.py").write_text(
        APP + "\n\n@sio.event\nasync def connect(sid, environ):\n    await sio.emit('x')\n"
        "\n\n@sio.event\nasync def disconnect(sid, reason=None):\n    raise KeyError(sid[:0])\n"
    )
    code, printed = soakproof("run", *OPTIONS, "--", *UVICORN, cwd=tmp_path)
    assert code in {1, 3}, printed
    assert "the server's log shows 50 exceptions in 50 connections; mostly KeyError: '', raised at app.py:" in printed
    assert "in disconnect, 50 times" in printed

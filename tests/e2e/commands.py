"""Soaks a server written for the test: real uvicorn, real Locust, a real verdict."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.soaking import READ, SHORT
from benchmarks.soaking import soak as soak_command

CLEAN = """
import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


@sio.event
async def connect(sid, environ):
    await sio.enter_room(sid, "lobby")
"""

SERVER = [sys.executable, "-m", "uvicorn", "app:app", "--port", "{port}", "--log-level", "warning"]
LONGEST_S = 280


def soak(directory, source, *options, serving=()):
    """Soak a program, given as its source, in this directory; its exit code is that of the verdict it wrote."""
    (directory / "app.py").write_text(source)
    return soak_served(directory, [*SHORT, *options], [*SERVER, *serving])


def soak_served(directory, options, server, longest_s=LONGEST_S):
    """Soak what a command serves; the files are in ``out``, pages and pictures only where ``--format`` says so."""
    done = soak_command(Path("out"), [*READ, *options], server, directory=directory, longest_s=longest_s)
    assert "Traceback" not in done.printed, done.printed
    assert done.exit_code == done.verdict["exit_code"], done.printed
    return done

"""Runs the `soakproof` command on a server written for the test: real uvicorn, real Locust, a real verdict."""

from __future__ import annotations

import json
import subprocess
import sys

CLEAN = """
import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


@sio.event
async def connect(sid, environ):
    await sio.enter_room(sid, "lobby")
"""

SHORT = ["--clients", "100", "--waves", "7", "--steady", "0", "--drain", "2"]


def soakproof(*arguments, cwd, timeout=280):
    done = subprocess.run(
        [sys.executable, "-m", "soakproof", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
    return done


def soak(directory, source, *options, serving=()):
    (directory / "app.py").write_text(source)
    server = [sys.executable, "-m", "uvicorn", "app:app", "--port", "{port}", "--log-level", "warning"]
    done = soakproof("run", "--out", "out", *SHORT, *options, "--", *server, *serving, cwd=directory)
    verdict = json.loads((directory / "out" / "verdict.json").read_text())
    assert done.returncode == verdict["exit_code"], done.stdout + done.stderr
    return done, verdict

"""`compare --base-command`: a branch that leaks is red with its line, the same code is green."""

from __future__ import annotations

import json
import re
import shlex
import sys

import pytest

from benchmarks.soaking import SHORT, soakproof

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CHAT = """
import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
SEEN = []


@sio.event
async def connect(sid, environ):
    KEPT
"""


def pair(tmp_path, kept):
    """Soak the base beside a branch in which each connection keeps something."""
    for name, line in (("base", "pass"), ("branch", kept)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text(CHAT.replace("KEPT", line))
    server = [sys.executable, "-m", "uvicorn", "app:app", "--port", "{port}", "--log-level", "warning"]
    base = shlex.join(["env", "-C", str(tmp_path / "base"), *server])
    done = soakproof(
        "compare",
        *SHORT,
        "--out",
        "out",
        "--base-command",
        base,
        "--",
        "env",
        "-C",
        "branch",
        *server,
        directory=tmp_path,
    )
    return done, json.loads((tmp_path / "out" / "new" / "comparison.json").read_text())


def test_a_branch_that_keeps_200_bytes_is_red(tmp_path):
    """The clause says how much worse, in bytes and entries, and the line in the branch."""
    done, comparison = pair(tmp_path, "SEEN.append(bytearray(140))")
    assert done.exit_code == 1, done.printed
    assert comparison["verdict"] == "regression"
    worse = re.fullmatch(
        r"worse by (\d+) ± \d+ B and 1.00 entries per connection, at branch/app.py:11", comparison["worse"]
    )
    assert worse, comparison["worse"]
    assert 180 <= int(worse[1]) <= 240
    assert comparison["worse"] in " ".join(done.printed.split())
    assert (tmp_path / "out" / "new" / "comparison.html").exists()


def test_the_same_code_is_green(tmp_path):
    """Nothing grows faster than in the base, which was soaked beside it."""
    done, comparison = pair(tmp_path, "pass")
    assert (done.exit_code, comparison["verdict"]) == (0, "bounded"), done.printed
    assert comparison["worse"] is None

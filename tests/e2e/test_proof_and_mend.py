"""A leak proven after one wave on a real server, and real soaks made again after a mend, a bad one and none."""

from __future__ import annotations

import json

import pytest

from benchmarks.soaking import soakproof
from tests.e2e.commands import SERVER, soak

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]

WAITING = """
import asyncio

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
TASKS = set()


async def wait_for_answer():
    await asyncio.Event().wait()


@sio.event
async def connect(sid, environ):
    task = asyncio.create_task(wait_for_answer())
    TASKS.add(task)
    task.add_done_callback(TASKS.discard)
"""

KEEPING = """
import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
SEEN, NAMES = [], []


@sio.event
async def connect(sid, environ):
    KEPT
"""


def test_one_wave_proves_that_tasks_will_never_run_again(tmp_path):
    """Far too few rest points for a slope; the task is named, with the line that starts it, and why."""
    verdict = soak(tmp_path, WAITING, "--waves", "1", "--warmup", "1", "--clients", "50").verdict
    first = verdict["findings"][0]
    assert (verdict["verdict"], first["metric"], first["rule"]) == ("leak", "task:wait_for_answer", "never again")
    assert first["per_connection"] == 1
    assert first["culprit"]["sites"][0]["source"].strip() == "task = asyncio.create_task(wait_for_answer())"
    assert "nothing but themselves can reach what they wait for" in verdict["reason"]


def test_a_mend_is_verified_by_the_same_soak(tmp_path):
    """The command that the leak's report ends with says what became of it: nothing, something worse, or mended."""
    leak = soak(tmp_path, KEEPING.replace("KEPT", "SEEN.append(sid)"), "--trace", "never")
    assert leak.exit_code == 1
    assert "once it is mended: soakproof verify out -- " in leak.printed
    stored = (tmp_path / "out" / "run.jsonl").read_bytes()
    for number, (kept, verdict, exit_code) in enumerate(
        [
            ("SEEN.append(sid)", "unchanged", 1),
            ("NAMES.append(sid)", "something else leaks now", 1),
            ("pass", "mended", 0),
        ]
    ):
        (tmp_path / "app.py").write_text(KEEPING.replace("KEPT", kept))
        said = soakproof("verify", "out", "--out", f"again{number}", "--", *SERVER, directory=tmp_path)
        document = json.loads((tmp_path / f"again{number}" / "verification.json").read_text())
        assert (document["verdict"], said.exit_code) == (verdict, exit_code), said.printed
        assert document["culprits"][0]["metric"] == "registry:app.SEEN"
    assert document["culprits"][0]["fell_share"] == 1
    assert (tmp_path / "out" / "run.jsonl").read_bytes() == stored

"""What stays for half a minute after each client, longer than all waves take: it lingers, and is no leak."""

import pytest

from tests.e2e.commands import SERVER, soak_served

APP = """
import asyncio

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
SESSIONS = {{}}


@sio.event
async def connect(sid, environ):
    SESSIONS[sid] = environ["PATH_INFO"]


@sio.event
async def disconnect(sid):
    asyncio.get_running_loop().call_later(28, leave, sid)


def leave(sid):
    if hash(sid) % {each}:
        SESSIONS.pop(sid)
"""
PLAN = ("--clients", "130", "--waves", "7", "--steady", "0", "--trace", "never")


@pytest.mark.slow
@pytest.mark.timeout(500)
@pytest.mark.parametrize(
    ("each", "drain_s", "verdict"), [(10**9, 60, "bounded"), (10**9, 12, "bounded"), (5, 60, "leak"), (5, 12, "leak")]
)
def test_what_stays_for_half_a_minute_is_no_leak(tmp_path, each, drain_s, verdict):
    """Those who came in the drain itself are waited for too, as long as it falls; what is never dropped is found."""
    (tmp_path / "app.py").write_text(APP.format(each=each))
    done = soak_served(tmp_path, (*PLAN, "--drain", str(drain_s)), SERVER, longest_s=450)
    assert done.verdict["verdict"] == verdict, done.printed
    finding = next(each for each in done.verdict["findings"] if each["name"] == "app.SESSIONS")
    assert finding["verdict"] == verdict
    assert finding["peak"] > 3 * 130


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("stays_s", "loop"), [(50, "uvloop"), (75, "asyncio")])
def test_what_is_forgotten_once_the_waves_are_over_is_no_leak(tmp_path, stays_s, loop):
    """To the waves it is a leak, which is watched for less than the whole drain: the oldest entries go first.

    The tables of what was there stay as large as they were, and are no native memory that leaks.
    """
    (tmp_path / "app.py").write_text(APP.format(each=10**9).replace("28", str(stays_s)))
    done = soak_served(tmp_path, ("--trace", "never"), (*SERVER, "--loop", loop), longest_s=550)
    assert done.verdict["verdict"] == "bounded", done.printed
    finding = next(each for each in done.verdict["findings"] if each["name"] == "app.SESSIONS")
    assert finding["peak"] > 1000

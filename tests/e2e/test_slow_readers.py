"""Clients that ask and do not read: what the server keeps for them is told, per client, while it is there."""

from __future__ import annotations

import pytest

from tests.e2e.commands import soak

SERVER = """
import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


@sio.event
async def history(sid, data):
    return "x" * {size}
"""
FEW = (
    "--clients",
    "20",
    "--waves",
    "5",
    "--max-waves",
    "5",
    "--warmup",
    "1",
    "--trace",
    "never",
    "--join",
    "history={}",
)
MIB = 1024 * 1024


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["slow-reader", "stalled-reader"])
def test_what_waits_for_those_who_do_not_read_is_told(tmp_path, mode):
    """Answers of 64 KiB that nobody takes pile up in a server that queues without a limit, and go with the client."""
    done = soak(tmp_path, SERVER.format(size=65536), "--drop", mode, *FEW)
    strain = done.verdict["strain"]
    assert strain["clients"] == 20
    assert strain["bytes_more"] / strain["clients"] > MIB
    assert strain["reason"] in done.printed
    assert not [finding["name"] for finding in done.verdict["findings"] if finding["verdict"] == "leak"]


@pytest.mark.slow
def test_little_is_told_of_small_answers(tmp_path):
    """What fits into the sockets' own buffers costs the server nothing that could be told."""
    done = soak(tmp_path, SERVER.format(size=8), "--drop", "slow-reader", *FEW)
    assert done.verdict["strain"]["bytes_more"] < 20 * MIB / 4
    assert not done.verdict["strain"]["is_rising"]

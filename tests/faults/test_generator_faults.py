"""The load generator breaks, or is kept from its work: never a smaller wave that looks whole."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.runningsoaks import BRIEF, TELLING, running_soak, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

MUTE = """
import socket, sys, time
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
listener.settimeout(0.05)
held, slow = [], sys.argv[2] == "slow"
while True:
    try:
        held.append(listener.accept()[0])
    except TimeoutError:
        pass
    if slow:
        time.sleep(1)
        for client in held:
            try:
                client.sendall(b"H")
            except OSError:
                pass
"""
PROMISE = "invalid, in a sentence with the wave or why nobody could connect; bounded time; nothing left"


def generator_of(soak):
    """Return Locust's process."""
    words = [(pid, Path(f"/proc/{pid}/cmdline").read_bytes()) for pid in soak.started()]
    return next((pid for pid, line in words if b"soakproof.load.processes.generator" in line), None)


def ending(soak):
    """Return the reason of a run that is invalid."""
    assert soak.end(300) == 4, soak.said
    return " ".join(soak.verdict()["reason"].split())


@pytest.mark.fault("generator", "SIGKILL of Locust in a wave, with two workers", PROMISE)
def test_locust_is_killed(tmp_path, happened):
    """Its workers end too."""
    with running_soak(tmp_path, *BRIEF, *TELLING, "--workers", 2) as soak:
        wait_until(lambda: soak.waves() >= 2, 200)
        os.kill(generator_of(soak), signal.SIGKILL)
        reason = ending(soak)
    assert "the load generator died (exit -9)" in reason
    assert "s into the run" in reason
    happened(reason.partition("; its last lines")[0])


@pytest.mark.fault("generator", "SIGSTOP of Locust in a wave, for ever", PROMISE)
def test_locust_stands_still(tmp_path, happened):
    """An order that makes no progress is given up."""
    with running_soak(tmp_path, *BRIEF, *TELLING) as soak:
        wait_until(lambda: soak.waves() >= 2, 200)
        os.kill(generator_of(soak), signal.SIGSTOP)
        reason = ending(soak)
    assert "stalled: 0 of 20 clients opened" in reason
    assert "and nothing moved for 60 s" in reason
    happened(reason[:250])


@pytest.mark.parametrize(
    "how",
    [
        pytest.param("never", marks=pytest.mark.fault("generator", "the target accepts, and never answers", PROMISE)),
        pytest.param("slow", marks=pytest.mark.fault("generator", "the target answers a byte a second", PROMISE)),
    ],
)
def test_a_target_that_keeps_clients_waiting(tmp_path, happened, how):
    """Each client has its time, and the run ends after the first wave."""
    (tmp_path / "mute.py").write_text(MUTE)
    with running_soak(tmp_path, *BRIEF, server=[sys.executable, "mute.py", "{port}", how]) as soak:
        reason = ending(soak)
    assert "could connect" in reason
    happened(reason[:250])

"""The load generator breaks, or is kept from its work: never a smaller wave that looks whole."""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
from pathlib import Path

import pytest

from tests.runningsoaks import APPS, BRIEF, TELLING, running_soak, wait_until

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


@pytest.mark.fault("generator", "out of descriptors in a wave", PROMISE)
def test_locust_is_out_of_descriptors(tmp_path, happened):
    """The wave that was short of clients is named, and why they could not come."""
    with running_soak(tmp_path, *BRIEF, *TELLING) as soak:
        wait_until(lambda: soak.waves() >= 2, 200)
        generator = generator_of(soak)
        few = len(list(Path(f"/proc/{generator}/fd").iterdir())) + 3
        resource.prlimit(generator, resource.RLIMIT_NOFILE, (few, few))
        reason = ending(soak)
    assert re.search(r"wave \d reached \d+ of 20 connections", reason), reason
    assert "Too many open files" in reason, reason
    happened(reason[:250])


@pytest.mark.fault("generator", "connections are refused for 10 s", "judged on what is whole, or invalid and why")
def test_connections_are_refused(tmp_path, happened):
    """Clients of that wave that are refused are missed; those of the next ones come."""
    server = [sys.executable, APPS / "refusing_chat.py", "{port}", 10]
    with running_soak(tmp_path, *BRIEF, *TELLING, server=server) as soak:
        code = soak.end(300)
    reason = " ".join(soak.verdict()["reason"].split())
    assert "closed" in (soak.out / "target.log").read_text()
    assert code in {3, 4}, soak.said
    assert code == 3 or (re.search(r"wave \d", reason) and "refused" in reason), reason
    assert code == 4 or soak.verdict()["connections"] == 100
    happened(f"exit code {code}: {reason[:220]}")

"""A target that closes the agent's sockets, and opens others in their place, leaves nobody waiting for an answer."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from soakproof.errors import AgentError
from soakproof.target.link import AgentLink
from tests.runningsoaks import wait_until

TARGET = """
import os, socket, sys
from soakproof import agent
agent.start(sys.argv[1])
quiet, _ = os.pipe()
sys.stdin.readline()
for fd in range(3, 64):
    try:
        with socket.socket(fileno=os.dup(fd)) as known:
            is_agents = str(known.getsockname()).endswith(".sock")
    except OSError:
        continue
    if is_agents:
        os.dup2(quiet, fd)
print("closed", flush=True)
sys.stdin.readline()
"""
WITHIN_S = 10.0


def connected(path):
    """Return a link to the agent, None while nobody listens."""
    try:
        return AgentLink(path)
    except AgentError:
        return None


def test_who_is_connected_is_told_soon(tmp_path):
    """poll(2) looks at what has the number now, and would sleep on; the agent begins again under the same path."""
    directory = tmp_path / "agent"
    command = [sys.executable, "-c", TARGET, str(directory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as target:
        path = directory / f"{target.pid}.sock"
        wait_until(path.exists)
        link = AgentLink(path)
        time.sleep(0.2)  # the agent sleeps in poll(2) again, and holds what is closed open
        target.stdin.write(b"\n")
        target.stdin.flush()
        assert target.stdout.readline() == b"closed\n"
        link._timeout_s = WITHIN_S
        with pytest.raises(AgentError) as told:
            link.request("counters")
        assert "nothing within" not in str(told.value)
        link.close()
        again = wait_until(lambda: connected(path))  # between the old socket and the new one there is a moment
        assert again.request("counters")["metrics"]
        again.close()
        target.kill()

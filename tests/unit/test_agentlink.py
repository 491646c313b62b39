"""The harness's end of the agent's socket, against a process that is there and never answers."""

from __future__ import annotations

import socket

import pytest

from soakproof.errors import AgentError
from soakproof.target import link as agentlink


@pytest.fixture
def silent(tmp_path):
    """A socket that takes connections, as the kernel does for a process that has stopped reading them."""
    path = tmp_path / "1.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        yield path


def test_who_does_not_say_hello_is_given_up(silent, monkeypatch):
    """A process that forks at the wrong moment must not hold the run for as long as a census may take."""
    monkeypatch.setattr(agentlink, "HELLO_TIMEOUT_S", 0.1)
    with pytest.raises(AgentError, match="no answer to 'hello'"):
        agentlink.AgentLink(silent)

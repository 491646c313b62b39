"""Targets whose processes do not stay as they were started: daemons, pools, workers that die."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from soakproof.errors import TargetError
from soakproof.serverurl import parse_url
from soakproof.target.started import StartedTarget, poll_until

APPS = Path(__file__).parents[1] / "apps"
PATIENCE_S = 60.0


def await_true(condition, what):
    """Wait until a condition holds."""
    assert any(condition() for _ in poll_until(PATIENCE_S)), f"waited {PATIENCE_S} s for {what}"


@pytest.fixture
def start(tmp_path):
    """Start a program of tests/apps as a target; stopped at the end."""
    targets = []

    def start(program, *words):
        command = [sys.executable, str(APPS / program), "{port}", *words]
        target = StartedTarget(command, "http://127.0.0.1:{port}", tmp_path / "target.log", PATIENCE_S)
        targets.append(target)
        target.start()
        return target

    yield start
    for target in targets:
        target.stop()


def ask(target):
    """Have the server answer once."""
    with socket.create_connection(parse_url(target.url).address, timeout=PATIENCE_S) as client:
        return client.recv(10)


def test_a_daemon_is_followed_and_ended(start):
    """A server that detaches and closes the agent's descriptors with all others is read, undisturbed, and stopped."""
    target = start("agent_daemon.py")
    target.check_alive()
    (link,) = target.links()
    assert psutil.Process(link.pid).terminal() is None
    assert link.request("census", collect=True, trim=True)["metrics"]["heap:objects"] > 0
    assert ask(target) == b"well"
    target.stop()
    assert not psutil.pid_exists(link.pid)


def test_a_daemon_that_dies_is_dead(start):
    """Once the server in the background is gone, the target has ended, whatever its command's exit code was."""
    target = start("agent_daemon.py")
    (link,) = target.links()
    psutil.Process(link.pid).kill()

    def is_dead():
        try:
            target.check_alive()
        except TargetError as error:
            return "ended by itself, with exit code 0" in str(error)
        return False

    await_true(is_dead, "the death of the target to be noticed")


LISTENER = """
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
    while True:
        server.accept()[0].close()
"""


def refusal_of(python, tmp_path, *options):
    """Return the sentence with which a target is refused that carries no agent."""
    command = [python, *options, "-c", LISTENER, "{port}"]
    target = StartedTarget(command, "http://127.0.0.1:{port}", tmp_path / "target.log", 2.0)
    try:
        with pytest.raises(TargetError) as refused:
            target.start()
    finally:  # also where it was not refused
        target.stop()
    return str(refused.value)


@pytest.mark.parametrize("option", ["-I", "-E", "-S"])
def test_a_python_that_keeps_the_agent_out_is_told_why(tmp_path, option):
    """Options that hide PYTHONPATH or sitecustomize end in a sentence that names them, and the way out."""
    sentence = refusal_of(sys.executable, tmp_path, option)
    assert "no agent answered: is it Python, without -I, -E and -S" in sentence
    assert "--attach" in sentence


def test_a_python_too_old_is_told_so(tmp_path):
    """A target on Python 3.8 runs undisturbed, and soakproof says which Python the agent needs."""
    python = next(iter(Path.home().glob(".pyenv/versions/3.8.*/bin/python")), None)
    if python is None:
        pytest.skip("no Python 3.8 on this machine")
    sentence = refusal_of(str(python), tmp_path)
    assert "its agent did not start" in sentence
    assert "this is Python 3.8" in sentence
    assert "the agent needs 3.9 or newer" in sentence


def test_a_free_threaded_python_is_refused(tmp_path):
    """Its threads run on while containers are read: the agent stays out, and says which Python to take."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "abi.pth").write_text("import sys; sys.abiflags = 't'\n")  # read before the agent begins
    sentence = refusal_of(str(environment / "bin" / "python"), tmp_path)
    assert "its agent did not start" in sentence
    assert "this is a free-threaded build of Python" in sentence
    assert "need a build with the GIL, such as python3." in sentence

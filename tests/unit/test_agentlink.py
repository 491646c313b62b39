"""The harness's end of the agent's socket, against whoever may be at the other end: nothing but an AgentError."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from soakproof.errors import AgentError
from soakproof.target import lines
from soakproof.target import link as agentlink
from tests.runningsoaks import wait_until

HELLO = {"ok": True, "pid": 1, "versions": {}, "argv": [], "engines": []}
STAYS_SILENT = """
import json, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
connection, _ = listener.accept()
for _ in connection.makefile():
    connection.sendall(json.dumps(json.loads(sys.argv[2])).encode() + b"\\n")
"""


@pytest.fixture
def silent(tmp_path):
    """A socket that takes connections, as the kernel does for a process that has stopped reading them."""
    path = tmp_path / "1.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        yield path


@pytest.fixture
def answering(tmp_path):
    """Return what makes a socket whose other end says hello, and then answers each request with these bytes."""
    listeners = []

    def answer(*said):
        path = tmp_path / f"{len(listeners)}.sock"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listeners.append(listener)
        listener.bind(str(path))
        listener.listen()
        threading.Thread(target=serve, args=(listener, said), daemon=True).start()
        return path

    yield answer
    for listener in listeners:
        listener.close()


def serve(listener, said):
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as requests:
        for answer in (json.dumps(HELLO).encode() + b"\n", *said):
            requests.readline()
            with contextlib.suppress(ConnectionError):  # who has been told too much hangs up
                connection.sendall(answer)


def test_who_does_not_say_hello_is_given_up(silent, monkeypatch):
    """A process that forks at the wrong moment must not hold the run for as long as a census may take."""
    monkeypatch.setattr(agentlink, "HELLO_TIMEOUT_S", 0.1)
    with pytest.raises(AgentError, match="no answer to 'hello'"):
        agentlink.AgentLink(silent)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"\x1b]0;owned\x07 not at all\n", r"answered 'counters' with '\\x1b\]0;owned\\x07 not at all"),
        (b"[" * 100_000 + b"\n", "which is no JSON"),
        (b"\xff\xfe\n", "which is no JSON"),
        (b'"ok"\n', "need an answer of this version's agent"),
        (b'{"ok": 1}\n', "need an answer of this version's agent"),
        (b'{"ok": true}\n', "answered 'counters' with metrics 'None'"),
        (b'{"ok": true, "metrics": {"task:total": "many"}}\n', "answered 'counters' with metrics"),
        (b'{"ok": true, "metr', "broke off in the middle of its answer to 'counters'"),
        (b"", "closed its socket when asked for 'counters'"),
        (b'{"ok": false, "error": "no"}\n', "refused 'counters': no"),
    ],
)
def test_an_answer_that_is_none(answering, said, told):
    """Garbage, another protocol's, half of one, nothing: one sentence with what was said, harmless to a terminal."""
    link = agentlink.AgentLink(answering(said))
    with pytest.raises(AgentError, match=told):
        link.request("counters")
    link.close()


def test_an_answer_that_never_ends(answering, monkeypatch):
    """What is longer than any answer is not taken in."""
    monkeypatch.setattr(lines, "LONGEST_LINE_BYTES", 3 << 20)
    link = agentlink.AgentLink(answering(b"1" * (8 << 20)))
    with pytest.raises(AgentError, match="longer than 3 MiB"):
        link.request("counters")
    link.close()


def test_answers_that_come_together(answering):
    """What arrives behind a line belongs to the next answer."""
    twice = b'{"ok": true, "metrics": {"task:total": 1}}\n{"ok": true, "metrics": {"task:total": 2}}\n'
    link = agentlink.AgentLink(answering(twice, b""))
    assert [link.request("counters")["metrics"]["task:total"] for _ in range(2)] == [1, 2]
    link.close()


def test_a_process_that_was_stopped(tmp_path, monkeypatch):
    """It is told as that, long before a census would have had all its time."""
    monkeypatch.setattr(lines, "STOPPED_S", 0.2)
    monkeypatch.setattr(lines, "LOOK_EVERY_S", 0.05)
    path = tmp_path / "1.sock"
    with subprocess.Popen([sys.executable, "-c", STAYS_SILENT, str(path), json.dumps(HELLO)]) as process:
        wait_until(path.exists)
        time.sleep(0.2)  # between bind and listen
        link = agentlink.AgentLink(path)
        os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises(AgentError, match=rf"process {process.pid} has been stopped for 0 s"):
            link.request("counters")
        link.close()
        process.kill()

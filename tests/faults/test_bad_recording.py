"""What can go wrong with a recording: one sentence each, the right exit code, no file overwritten."""

from __future__ import annotations

import signal
import socket
import sys
import urllib.request

import pytest

from tests.faults.test_bad_input import soakproof
from tests.recording import recording


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_server_that_is_not_there(tmp_path):
    """The URL is repeated, with what to do; no file is written."""
    code, printed = soakproof("record", "--url", "http://127.0.0.1:9", cwd=tmp_path)
    assert code == 4
    assert "http://127.0.0.1:9: nothing listens there; start your server" in printed
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use(tmp_path, taken_port):
    """The recorder's port is named, and how to have a free one."""
    code, printed = soakproof(
        "record", "--url", f"http://127.0.0.1:{taken_port}", "--port", str(taken_port), cwd=tmp_path
    )
    assert code == 2
    assert f"--port {taken_port}: the recorder cannot listen on 127.0.0.1:{taken_port}" in printed
    assert "--port 0" in printed


def test_a_file_that_is_there_already(tmp_path, taken_port):
    """It is left as it is, unless --force says otherwise, and that is told before anything is recorded."""
    (tmp_path / "locustfile.py").write_text("mine")
    code, printed = soakproof("record", "--url", f"http://127.0.0.1:{taken_port}", cwd=tmp_path)
    assert code == 2
    assert "locustfile.py: is there already; name another file (-o), or overwrite it with --force" in printed
    assert (tmp_path / "locustfile.py").read_text() == "mine"


def test_a_command_that_ends(tmp_path):
    """The server's own words are repeated."""
    code, printed = soakproof("record", "--", sys.executable, "-c", "exit('no database')", cwd=tmp_path)
    assert code == 4
    assert "no database" in printed


def test_a_recording_without_a_request(tmp_path):
    """Nobody came by: told so, and what to open."""
    with recording("record_page", tmp_path / "recorded.py") as recorder:
        assert recorder.end() == 4
    assert "no request came by; open the recorder's URL" in " ".join(recorder.printed.split())
    assert not (tmp_path / "recorded.py").exists()


def test_a_recording_without_a_socket(tmp_path):
    """A page was read and no socket opened: nothing to soak, and no file."""
    with recording("record_page", tmp_path / "recorded.py") as recorder:
        with urllib.request.urlopen(recorder.url + "/", timeout=10) as answer:
            assert b"client_id" in answer.read()
        recorder.process.send_signal(signal.SIGTERM)
        recorder.printed, _ = recorder.process.communicate(timeout=60)
        assert recorder.process.returncode == 4
    assert "1 requests came by, but no socket was opened" in " ".join(recorder.printed.split())
    assert not (tmp_path / "recorded.py").exists()


def test_a_variable_that_is_not_set(tmp_path):
    """A recorded file whose secret is not in the environment says which, before any client comes."""
    (tmp_path / "recorded.py").write_text(
        "from soakproof.load import SocketIOUser, need_variables\n\nneed_variables('CHAT_PASSWORD')\n"
    )
    code, printed = soakproof(
        "run", "-f", "recorded.py", "--", sys.executable, "-m", "http.server", "{port}", cwd=tmp_path
    )
    assert code == 2
    assert "the environment has no variable CHAT_PASSWORD; set it: export CHAT_PASSWORD=..." in printed

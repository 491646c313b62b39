"""The recorder between a client library and a server: it changes nothing, and the file does the same once more."""

from __future__ import annotations

import socketio

from tests.recording import recording

LEAVING = ("graceful", "close")


def test_a_library_that_polls_and_upgrades(tmp_path):
    """python-socketio's client comes through, by polling and by WebSocket, and is one user of the file."""
    with recording("held_chat", tmp_path / "recorded.py") as recorder:
        client = socketio.Client()
        client.connect(recorder.url, auth={"name": "ada"})
        assert client.transport() == "websocket"
        client.disconnect()
        assert recorder.end() == 0, recorder.printed
    written = (tmp_path / "recorded.py").read_text()
    assert 'transports=("polling", "websocket"), auth={"name": "ada"}' in written
    # The library may close its socket before its other thread has sent the disconnect packet.
    assert any(f'drops = {{"{mode}": 1.0}}' in written and f"--drop {mode} " in recorder.printed for mode in LEAVING)

"""Ending the server: clients are told, tasks end, and nothing complains."""

from __future__ import annotations

import re
import signal
import socket

import pytest

from tests.server.chatter import RawClient
from tests.server.running import running, wait_until

COMPLAINTS = re.compile(r"Traceback|pending|never retrieved|never awaited|was destroyed|exception", re.IGNORECASE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(number):
    """With clients at work, a signal ends it with exit code 0 within 5 s, each client told, nothing complained of."""
    with running("--clock-speed", "600") as server:
        session = server.post("/api/agent-chat/sessions")["session_id"]
        with RawClient(server.url) as talking, RawClient(server.url) as idle:
            talking.call("join_chat", {"session_id": session})
            talking.call("lock_document", {"document_id": "d", "project_id": "p"})
            server.post("/knowledge-items/crawl", {"url": "http://example.invalid"})
            talking.call("chat_message", {"session_id": session, "message": "hi"})
            code, took_s = server.stop(number)
            for client in (talking, idle):
                assert "reconnect" in client.wait_for("server_shutdown")["message"]
    assert code == 0
    assert took_s < 5
    assert not COMPLAINTS.search("".join(server.log)), server.log


def test_a_client_that_does_not_let_go_does_not_hold_it_up():
    """A client that neither reads nor closes is left behind within 5 s."""
    with running() as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as stubborn:
            stubborn.sendall(
                b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                b"Sec-WebSocket-Version: 13\r\n\r\n"
            )
            assert stubborn.recv(12) == b"HTTP/1.1 101"
            wait_until(lambda: server.get_json("/internal/memory/status")["sample"]["sockets"] == 1)
            code, took_s = server.stop()
    assert code == 0
    assert took_s < 5
    assert "Traceback" not in "".join(server.log)


def test_a_client_in_long_polling_does_not_hold_it_up():
    """A polling request that waits for news is ended."""
    with running() as server:
        opened = server.get("/socket.io/?EIO=4&transport=polling")
        sid = re.search(r'"sid":"([^"]+)"', opened)[1]
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as polling:
            request = f"GET /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: x\r\n\r\n"
            polling.sendall(request.encode())
            code, took_s = server.stop()
    assert code == 0
    assert took_s < 5

"""Looking for an endpoint ends, whatever the server does."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

from soakproof.target import endpoints


def drip(listener):
    """Answer whoever comes with a byte every 20 ms, for ever."""
    with contextlib.suppress(OSError):
        client, _ = listener.accept()
        with client:
            while True:
                client.sendall(b"H")
                time.sleep(0.02)


def test_an_answer_that_comes_byte_by_byte(monkeypatch):
    """Each byte is in time, and the whole is not."""
    monkeypatch.setattr(endpoints, "TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        began_s = time.monotonic()
        assert not endpoints.answers(f"http://127.0.0.1:{listener.getsockname()[1]}", "/socket.io")
        assert time.monotonic() - began_s < 5.0
        thread.join(10)


@pytest.mark.parametrize("body", [b'0{"sid":"x"}', b"<html>"])
def test_an_answer(body):
    """Only an Engine.IO session's first packet is one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        said = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

        def answer():
            client, _ = listener.accept()
            with client:
                client.recv(4096)
                client.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        found = endpoints.answers(f"http://127.0.0.1:{listener.getsockname()[1]}", "/socket.io")
        assert found == body.startswith(b"0{")
        thread.join(10)

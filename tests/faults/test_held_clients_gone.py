"""Held clients that are not there: the run ends, whoever says that they are."""

from __future__ import annotations

import sys

from tests.faults.test_bad_input import APP, soakproof

FEW = """
import sys

import socketio

url, clients = sys.argv[1], int(sys.argv[2])
held = [socketio.Client() for _ in range(clients // 6)]
for client in held:
    client.connect(url, transports=["websocket"])
for line in sys.stdin:
    print("done", line.split()[1], flush=True)
for client in held:
    client.disconnect()
"""


def test_a_command_that_holds_fewer_clients_than_it_was_asked_for(tmp_path):
    """What counts is what the target knows of: ten clients are not said to be sixty."""
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "clients.py").write_text(FEW)
    load = f"{sys.executable} clients.py {{url}} {{clients}}"
    options = ["--held", "--clients", "60", "--events", "60", "--out", "run", "--format", "text", "--load", load]
    server = [sys.executable, "-m", "uvicorn", "app:app", "--port", "{port}"]
    code, printed = soakproof("run", *options, "--", *server, cwd=tmp_path)
    assert code == 4, printed
    assert "10 of 60 held clients are still connected to the target" in printed
    assert "10 at once" in printed

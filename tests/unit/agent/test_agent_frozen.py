"""Servers that were frozen out of the collector's sight, as before a fork, are found all the same."""

from __future__ import annotations

import subprocess
import sys

FROZEN = """
import gc

import socketio


class App:
    def __init__(self):
        self.sio = socketio.AsyncServer(async_mode="asgi")


app = App()
gc.collect()
gc.freeze()
late = socketio.AsyncServer(async_mode="asgi")

from soakproof.agent.process.engines import Engines

engines = Engines()
engines.find()
engines.set_ping(1.5, 5.0)
print(sum(1 for _ in engines.servers("eio")), sum(1 for _ in engines.servers("sio")), app.sio.eio.ping_interval)
engines.find()
print(sum(1 for _ in engines.servers("eio")))
"""


def test_a_frozen_server_is_known_and_its_ping_can_be_set():
    """Both are found, the frozen one and one of later, once each."""
    done = subprocess.run([sys.executable, "-c", FROZEN], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines() == ["2 2 1.5", "2"], done.stderr

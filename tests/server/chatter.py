"""A Socket.IO client for tests that says exactly what it is told to, well-formed or not."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack

from websockets.sync.client import connect


class RawClient:
    """Speaks Socket.IO protocol 5 over a WebSocket, packet by packet; a context manager that closes."""

    def __init__(self, url, auth=None):
        address = f"{url.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket"
        self._stack = ExitStack()
        self.ws = self._stack.enter_context(connect(address, compression=None, max_size=None))
        self.events: list[tuple] = []
        self._next_id = 0
        self.ws.recv(timeout=10)
        self.ws.send("40" + ("" if auth is None else json.dumps(auth)))
        self.answer = self.ws.recv(timeout=10)
        self.sid = json.loads(self.answer[2:]).get("sid")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._stack.close()

    def send(self, event, *payload):
        self.ws.send("42" + json.dumps([event, *payload]))

    def call(self, event, *payload):
        """Send an event and return its acknowledgement; what comes meanwhile is kept in ``events``."""
        self._next_id += 1
        number = self._next_id
        self.ws.send(f"42{number}{json.dumps([event, *payload])}")
        while True:
            packet = self._receive(10)
            if packet[0] == "ack" and packet[1] == number:
                return packet[2]

    def wait_for(self, event, timeout_s=10):
        """Return the payload of the next such event, one that came before included."""
        deadline = time.monotonic() + timeout_s
        while True:
            for index, (name, payload) in enumerate(self.events):
                if name == event:
                    del self.events[index]
                    return payload
            self._receive(max(0.01, deadline - time.monotonic()))

    def _receive(self, timeout_s):
        text = str(self.ws.recv(timeout=timeout_s))
        if text == "2":
            self.ws.send("3")
        elif text.startswith("42"):
            name, *payload = json.loads(text[text.index("[") :])
            self.events.append((name, payload[0] if payload else None))
        elif text.startswith("43"):
            start = text.index("[")
            answer = json.loads(text[start:])
            return ("ack", int(text[2:start]), answer[0] if answer else None)
        return ("other",)

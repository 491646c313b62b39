"""Staying without reading, or hardly: what a server has to say to such a client waits in the server's own memory."""

from __future__ import annotations

import time
from contextlib import suppress

import gevent
import msgspec

from soakproof.load.clients.errors import ClientError
from soakproof.load.clients.lean import LeanClient
from soakproof.load.clients.websocket import WebSocketTransport
from soakproof.load.drops.mode import WireMode
from soakproof.load.options import ClientOptions

STAY_S = 10.0  # longer than the shortened ping and its timeout: a server that gives up by them is seen to
STEP_S = 0.1
ASKS_PER_STEP = 2


class StalledReader(WireMode):
    """Reads nothing, answers no ping, and goes on asking, until the connection breaks; `STAY_S` at most.

    It sends its last event, or message, over and over: `ASKS_PER_STEP` every `STEP_S`, as long as the server reads.
    """

    name = "stalled-reader"
    is_plain = True
    is_straining = True

    def adapt(self, options: ClientOptions) -> ClientOptions:
        """Use a WebSocket: who polls asks for each piece."""
        return msgspec.structs.replace(options, transports=("websocket",))

    def leave(self, client: LeanClient) -> None:
        """Stay without reading; then cut the connection."""
        transport = client.transport
        assert isinstance(transport, WebSocketTransport)
        transport.slow_down()
        ends_s = time.monotonic() + STAY_S
        with suppress(ClientError):
            while client.is_connected and time.monotonic() < ends_s:
                ask(client, transport)
                self.endure(client, transport)
                gevent.sleep(STEP_S)
        client.release()

    def endure(self, client: LeanClient, transport: WebSocketTransport) -> None:
        """Do what is done every `STEP_S`: nothing."""


class SlowReader(StalledReader):
    """Reads ``read_rate`` bytes a second, by default nothing, and answers pings by the clock, come or not."""

    name = "slow-reader"

    def endure(self, client: LeanClient, transport: WebSocketTransport) -> None:
        """Read a little, and say that it is alive."""
        transport.take(round(client.read_rate * STEP_S))
        client.keep_alive()


def ask(client: LeanClient, transport: WebSocketTransport) -> None:
    """Have the server say something more, unless it does not even read what was asked before."""
    for _ in range(ASKS_PER_STEP):
        if not transport.is_blocked:
            client.repeat()

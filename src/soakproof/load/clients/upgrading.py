"""Polling first, then a WebSocket, as browsers do it (Engine.IO 4, "upgrade")."""

from __future__ import annotations

from collections.abc import Callable

from soakproof.load.clients.endpoint import Endpoint
from soakproof.load.clients.hub import Hub
from soakproof.load.clients.polling import PollingTransport
from soakproof.load.clients.transport import Session, Transport
from soakproof.load.clients.websocket import WebSocketTransport
from soakproof.load.wire import packets

PROBE, PROBE_ANSWER, UPGRADE = b"2probe", "3probe", b"5"


class UpgradingTransport:
    """Opens a session by polling, then moves it to a WebSocket; what is sent meanwhile is held back.

    Where the server offers no WebSocket, or does not answer on it as it should, it stays with polling, as browsers do.
    ``completes`` False stops after the server's answer to the probe, which the session hears as a text.
    """

    def __init__(self, endpoint: Endpoint, hub: Hub, session: Session, *, completes: bool = True) -> None:
        self._endpoint = endpoint
        self._hub = hub
        self._session = session
        self._completes = completes
        self._polling = PollingTransport(endpoint, hub, self, polls=False)
        self._websocket: WebSocketTransport | None = None
        self._carrier: Transport | None = None
        self._held: list[list[bytes]] = []

    def open(self) -> None:
        """Ask for a session."""
        self._polling.open()

    def send(self, packets: list[bytes]) -> None:
        """Send packets, or hold them back until it is known what carries them."""
        if self._carrier is not None:
            self._carrier.send(packets)
        else:
            self._held.append(packets)

    def shake(self) -> None:
        """Begin to close what carries the session."""
        (self._carrier or self._polling).shake()

    def mute(self, when_gone: Callable[[str], None]) -> None:
        """Go silent."""
        (self._carrier or self._polling).mute(when_gone)

    def reset(self) -> None:
        """Drop the sockets with a TCP RST."""
        self._polling.reset()
        if self._websocket is not None:
            self._websocket.reset()

    def release(self) -> None:
        """Close the sockets."""
        self._polling.release()
        if self._websocket is not None:
            self._websocket.release()

    def on_text(self, text: str) -> None:
        """Take a packet: the open packet by polling, the probe's answer, then whatever comes."""
        if self._carrier is not None:
            self._session.on_text(text)
        elif text == PROBE_ANSWER:
            self._move()
        elif text.startswith(packets.OPEN):
            self._begin(text)

    def on_binary(self, data: bytes) -> None:
        """Take a binary message."""
        self._session.on_binary(data)

    def on_closed(self, reason: str) -> None:
        """Go on without the WebSocket, if it was that and the session has not moved to it; else tell the session."""
        if self._completes and self._carrier is None and self._websocket is not None:
            self._stay()
            return
        self.release()
        self._session.on_closed(reason)

    def _begin(self, text: str) -> None:
        if "websocket" in packets.decode_open(text).upgrades:
            sid = self._polling.sid
            self._websocket = WebSocketTransport(self._endpoint, self._hub, self, sid=sid, first=PROBE)
            self._websocket.open()
        elif self._completes:
            self._stay()
        else:
            self.on_closed("the server offers no upgrade to a WebSocket")
            return
        self._session.on_text(text)

    def _stay(self) -> None:
        self._websocket = None
        self._carry(self._polling)
        self._polling.poll()

    def _move(self) -> None:
        if not self._completes:
            self._session.on_text(PROBE_ANSWER)
            return
        assert self._websocket is not None
        self._polling.release()
        self._websocket.send([UPGRADE])
        self._carry(self._websocket)

    def _carry(self, carrier: Transport) -> None:
        self._carrier = carrier
        held, self._held = self._held, []
        for packets_ in held:
            carrier.send(packets_)

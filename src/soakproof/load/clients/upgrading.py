"""Polling first, then a WebSocket, as browsers do it (Engine.IO 4, "upgrade")."""

from __future__ import annotations

from soakproof.load.clients.endpoint import Endpoint
from soakproof.load.clients.hub import Hub
from soakproof.load.clients.polling import PollingTransport
from soakproof.load.clients.transport import Session
from soakproof.load.clients.websocket import WebSocketTransport

PROBE, PROBE_ANSWER, UPGRADE = b"2probe", "3probe", b"5"


class UpgradingTransport:
    """Opens a session by polling, then moves it to a WebSocket; what is sent meanwhile is held back.

    ``completes`` False stops after the server's answer to the probe, which the session hears as a text.
    """

    def __init__(self, endpoint: Endpoint, hub: Hub, session: Session, *, completes: bool = True) -> None:
        self._endpoint = endpoint
        self._hub = hub
        self._session = session
        self._completes = completes
        self._polling = PollingTransport(endpoint, hub, self, polls=False)
        self._websocket: WebSocketTransport | None = None
        self._is_upgraded = False
        self._held: list[list[bytes]] = []

    def open(self) -> None:
        """Ask for a session."""
        self._polling.open()

    def send(self, packets: list[bytes]) -> None:
        """Send packets, or hold them back until the WebSocket is there."""
        if self._websocket is not None and self._is_upgraded:
            self._websocket.send(packets)
        else:
            self._held.append(packets)

    def shake(self) -> None:
        """Close whatever there is."""
        if self._websocket is not None:
            self._websocket.shake()

    def mute(self) -> None:
        """Go silent."""
        if self._websocket is not None:
            self._websocket.mute()

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
        """Take a packet: the open packet by polling, the probe's answer, then whatever comes over the WebSocket."""
        if self._is_upgraded:
            self._session.on_text(text)
        elif text == PROBE_ANSWER:
            self._move()
        elif text.startswith("0"):
            self._probe()
            self._session.on_text(text)

    def on_binary(self, data: bytes) -> None:
        """Take a binary message."""
        self._session.on_binary(data)

    def on_closed(self, reason: str) -> None:
        """Tell the session."""
        self.release()
        self._session.on_closed(reason)

    def _probe(self) -> None:
        self._websocket = WebSocketTransport(self._endpoint, self._hub, self, sid=self._polling.sid, first=PROBE)
        self._websocket.open()

    def _move(self) -> None:
        if not self._completes:
            self._session.on_text(PROBE_ANSWER)
            return
        assert self._websocket is not None
        self._is_upgraded = True
        self._polling.release()
        for packets in [[UPGRADE], *self._held]:
            self._websocket.send(packets)
        self._held = []

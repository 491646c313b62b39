"""A client of plain WebSockets, without Engine.IO: messages of text or bytes, in both directions."""

from __future__ import annotations

from collections.abc import Callable

from soakproof.load.clients.carried import CarriedClient
from soakproof.load.clients.endpoint import Endpoint
from soakproof.load.clients.transport import Transport
from soakproof.load.clients.websocket import WebSocketTransport

MESSAGE = "a message"


class PlainClient(CarriedClient):
    """One WebSocket. It is open as soon as the server has consented (RFC 6455, section 4.2.2)."""

    __slots__ = ("_last",)

    def __init__(self, endpoint: Endpoint, when_lost: Callable[[str], None] | None = None) -> None:
        super().__init__(endpoint, when_lost)
        self._last: str | bytes | None = None

    def send(self, message: str | bytes) -> None:
        """Send a message.

        Raises:
            LostError: there is no connection.
        """
        self._last = message
        self._carrier().send([message.encode()] if isinstance(message, str) else [b"", message])

    def repeat(self) -> None:
        """Send the last message once more, if there was one."""
        if self._last is not None:
            self.send(self._last)

    def keep_alive(self) -> None:
        """Do nothing: its pings are frames, which wait with all else that is not read."""

    def receive(self, timeout_s: float | None = None) -> str | bytes:
        """Return the oldest message that nobody took, or the next one.

        Raises:
            AnswerTimeoutError: none came in time.
            LostError: there is no connection, or it went away.
        """
        message: str | bytes = self.wait_for(MESSAGE, timeout_s)
        return message

    def disconnect(self) -> None:
        """Close the connection: there is no namespace to leave first."""
        self.close()

    def on_open(self) -> None:
        """Be connected."""
        self.is_connected = True
        if self._connecting is not None:
            self._hub.wake(self._connecting)

    def on_text(self, text: str) -> None:
        """Keep a message of text."""
        self._keep(MESSAGE, text)

    def on_binary(self, data: bytes) -> None:
        """Keep a message of bytes."""
        self._keep(MESSAGE, data)

    def _make_transport(self) -> Transport:
        return WebSocketTransport(self._endpoint, self._hub, self, when_open=self.on_open)

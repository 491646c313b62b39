"""HTTP/1.1 over a stream: one request at a time, the connection kept for the next."""

from __future__ import annotations

from collections.abc import Callable

from soakproof.load.clients.hub import Hub
from soakproof.load.clients.peer import Peer
from soakproof.load.clients.stream import Stream
from soakproof.load.clients.tls import TlsStream
from soakproof.load.wire.http import HttpError, Response, ResponseReader


class HttpChannel:
    """Sends a request, calls ``on_response(response)``, or ``on_lost(reason)`` if none comes.

    A server that closes a connection nobody uses does what it may: the next request opens another.
    """

    __slots__ = ("_hub", "_on_lost", "_on_response", "_peer", "_reader", "_stream", "is_busy")

    def __init__(
        self,
        hub: Hub,
        peer: Peer,
        on_response: Callable[[Response], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._hub = hub
        self._peer = peer
        self._on_response = on_response
        self._on_lost = on_lost
        self._reader = ResponseReader()
        self._stream: Stream | TlsStream | None = None
        self.is_busy = False

    def send(self, request: bytes) -> None:
        """Send a request; the answer to the one before has come.

        Raises:
            OSError: the server cannot be reached.
        """
        assert not self.is_busy, "one request at a time"
        self.is_busy = True
        if self._stream is not None and self._stream.is_open:
            self._stream.send(request)
            return
        self._reader = ResponseReader()
        self._stream = self._peer.make_stream(self._hub, self._on_bytes, self._on_end)
        self._stream.open(self._peer.address, request)

    def reset(self) -> None:
        """Drop the connection with a TCP RST."""
        if self._stream is not None:
            self._stream.reset()

    def close(self) -> None:
        """Close the connection; harmless when called twice."""
        self.is_busy = False
        if self._stream is not None:
            self._stream.close()

    def _on_bytes(self, data: bytes) -> None:
        try:
            response = self._reader.feed(data)
        except HttpError as error:
            self._on_end(str(error))
            return
        if response is not None:
            self._answer(response)

    def _answer(self, response: Response) -> None:
        if response.headers.get("connection", "").lower() == "close":
            self.close()
        self.is_busy = False
        self._on_response(response)

    def _on_end(self, reason: str) -> None:
        response = self._reader.finish()
        was_busy = self.is_busy
        self.close()
        if response is not None:
            self._on_response(response)
        elif was_busy:
            self._on_lost(reason)

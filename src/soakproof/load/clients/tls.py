"""TLS over a stream: the same interface, and no greenlet waits for it either."""

from __future__ import annotations

import ssl
from collections.abc import Callable

from soakproof.load.clients.hub import Hub
from soakproof.load.clients.stream import RECEIVE_BYTES, Stream, ignore
from soakproof.load.clients.tlscontext import explain


class TlsStream:
    """One TCP connection with TLS on it. What is sent before the handshake is over waits for its end."""

    __slots__ = ("_incoming", "_is_shaken", "_on_bytes", "_on_lost", "_outgoing", "_stream", "_tls", "_waiting")

    def __init__(
        self,
        hub: Hub,
        on_bytes: Callable[[bytes], None],
        on_lost: Callable[[str], None],
        context: ssl.SSLContext,
        host: str,
    ) -> None:
        self._on_bytes = on_bytes
        self._on_lost = on_lost
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._is_shaken = False
        self._waiting = b""
        self._stream = Stream(hub, self._on_cipher, self._lose)

    @property
    def is_open(self) -> bool:
        """Whether the socket is still there."""
        return self._stream.is_open

    @property
    def is_blocked(self) -> bool:
        """Whether something waits to be sent."""
        return self._stream.is_blocked

    def slow_down(self) -> None:
        """Receive no more by itself: only what `take` is called for."""
        self._stream.slow_down()

    def take(self, most_bytes: int) -> None:
        """Receive so many bytes at most, TLS's own among them, if they are there."""
        self._stream.take(most_bytes)

    def open(self, address: tuple[str, int], first: bytes) -> None:
        """Connect, shake hands, and then send the first bytes.

        Raises:
            OSError: the address cannot be bound or reached.
        """
        self._waiting = first
        self._shake()
        self._stream.open(address, self._outgoing.read())

    def send(self, data: bytes) -> None:
        """Send, or keep it until the handshake is over."""
        if not self._is_shaken:
            self._waiting += data
        elif data and self._stream.is_open:
            self._tls.write(data)
            self._stream.send(self._outgoing.read())

    def close(self) -> None:
        """Close the socket, without TLS's own farewell; harmless when called twice."""
        self._stream.close()
        self._on_bytes = self._on_lost = ignore  # no cycle is left behind

    def reset(self) -> None:
        """Close with a TCP RST."""
        self._stream.reset()
        self.close()

    def _on_cipher(self, data: bytes) -> None:
        self._incoming.write(data)
        try:
            if self._is_shaken or self._shake():
                self._read()
        except ssl.SSLZeroReturnError:
            self._lose("closed by the server")
        except ssl.SSLError as error:
            self._stream.send(self._outgoing.read())  # TLS's alert, so that the server knows too
            self._lose(explain(error) or str(error))

    def _shake(self) -> bool:
        """Go on with the handshake as far as it goes; return whether it is over."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            if self._stream.is_open:
                self._stream.send(self._outgoing.read())
            return False
        self._is_shaken = True
        waiting, self._waiting = self._waiting, b""
        self._tls.write(waiting)
        self._stream.send(self._outgoing.read())
        return True

    def _read(self) -> None:
        while self._stream.is_open:
            try:
                data = self._tls.read(RECEIVE_BYTES)
            except ssl.SSLWantReadError:
                return
            if not data:
                raise ssl.SSLZeroReturnError
            self._on_bytes(data)

    def _lose(self, reason: str) -> None:
        tell = self._on_lost
        self.close()
        tell(reason)

"""Engine.IO over a WebSocket: one message is one packet."""

from __future__ import annotations

from collections.abc import Callable

from soakproof.load.clients.endpoint import Endpoint
from soakproof.load.clients.hub import Hub
from soakproof.load.clients.transport import Session
from soakproof.load.wire import http
from soakproof.load.wire.http import HttpError, Response, ResponseReader
from soakproof.load.wire.websocket import (
    BINARY,
    CLOSE,
    CLOSE_NORMALLY,
    PING,
    PONG,
    TEXT,
    Decoder,
    FrameError,
    Message,
    encode,
)


class WebSocketTransport:
    """A WebSocket to an Engine.IO server: of a session of its own, or of the one with that ``sid``.

    ``first`` is a packet to send as soon as the WebSocket is open, and ``when_open`` is called then.
    """

    __slots__ = (
        "_decoder", "_endpoint", "_first", "_is_closing", "_is_open", "_is_silent", "_reader", "_session", "_sid",
        "_when_open", "stream",
    )  # fmt: skip

    def __init__(
        self,
        endpoint: Endpoint,
        hub: Hub,
        session: Session,
        *,
        sid: str | None = None,
        first: bytes | None = None,
        when_open: Callable[[], None] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._sid = sid
        self._first = first
        self._when_open = when_open
        self._is_closing = False
        self._is_silent = False
        self._session = session
        self._is_open = False
        self._reader: ResponseReader | None = None
        self._decoder = Decoder()
        self.stream = endpoint.peer.make_stream(hub, self._on_bytes, self._on_lost)

    def open(self) -> None:
        """Connect, and ask for the WebSocket."""
        self.stream.open(self._endpoint.peer.address, self._endpoint.upgrade_request(self._sid))

    def send(self, packets: list[bytes]) -> None:
        """Send a text packet (empty: none) and its binary ones, in one piece."""
        if len(packets) == 1:
            self.stream.send(encode(TEXT, packets[0]))
            return
        text = encode(TEXT, packets[0]) if packets[0] else b""
        self.stream.send(text + b"".join(encode(BINARY, packet) for packet in packets[1:]))

    def shake(self) -> None:
        """Send a closing frame; the server's answer ends the connection."""
        self._is_closing = True
        self.stream.send(CLOSE_NORMALLY)

    @property
    def is_blocked(self) -> bool:
        """Whether something waits to be sent: the server does not read either."""
        return self.stream.is_blocked

    def slow_down(self) -> None:
        """Receive only what `take` is called for, and have the kernel keep little: the rest waits in the server."""
        self.stream.slow_down()

    def take(self, most_bytes: int) -> None:
        """Receive so many bytes at most, if they are there."""
        self.stream.take(most_bytes)

    def mute(self, when_gone: Callable[[str], None]) -> None:
        """Go silent, until the server has said that it gives up: its closing frame is not answered, but ends it."""
        self._session = Silence(when_gone)
        self._is_silent = True

    def reset(self) -> None:
        """Drop the socket with a TCP RST."""
        self.stream.reset()

    def release(self) -> None:
        """Close the socket."""
        self.stream.close()

    def _on_bytes(self, data: bytes) -> None:
        try:
            if not self._is_open:
                data = self._read_handshake(data)
            if data:
                for message in self._decoder.feed(data):
                    self._take(message)
        except (FrameError, HttpError, UnicodeDecodeError) as error:
            self._fail(str(error))

    def _read_handshake(self, data: bytes) -> bytes:
        """Return what came after the server's answer, if that was it."""
        if self._reader is None:
            rest = http.skip_upgrade(data)  # whole and well in one piece, nearly always
            if rest is not None:
                return self._begin(rest)
            self._reader = ResponseReader()
        response = self._reader.feed(data)
        if response is None:
            return b""
        if not http.is_accepted(response):
            self._fail(describe(response))
            return b""
        rest, self._reader = self._reader.rest, None
        return self._begin(rest)

    def _begin(self, rest: bytes) -> bytes:
        self._is_open = True
        if self._first is not None:
            self.send([self._first])
        if self._when_open is not None:
            self._when_open()
        return rest

    def _take(self, message: Message) -> None:
        if not self.stream.is_open:  # the session closed it over an earlier message of the same bytes
            return
        if message.opcode == TEXT:
            self._session.on_text(message.payload.decode())
        elif message.opcode == BINARY:
            self._session.on_binary(message.payload)
        elif message.opcode == PING and not self._is_silent:
            self.stream.send(encode(PONG, message.payload))
        elif message.opcode == CLOSE:
            if not self._is_closing and not self._is_silent:
                self.stream.send(encode(CLOSE, message.payload[:2]))
            self._fail("closed by the server")

    def _fail(self, reason: str) -> None:
        self.stream.close()
        self._on_lost(reason)

    def _on_lost(self, reason: str) -> None:
        self._session.on_closed(reason)


class Silence:
    """The session of a WebSocket that was muted: takes everything, answers nothing, and tells when it is over."""

    __slots__ = ("on_closed",)

    def __init__(self, when_gone: Callable[[str], None]) -> None:
        self.on_closed = when_gone

    def on_text(self, text: str) -> None:
        """Let it pass."""

    def on_binary(self, data: bytes) -> None:
        """Let it pass."""


def describe(response: Response) -> str:
    """Return one line on a response that was not the one hoped for."""
    return f"HTTP {response.status} {response.body[:120].decode(errors='replace')}".rstrip()

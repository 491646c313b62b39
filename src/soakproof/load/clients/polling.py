"""Engine.IO over HTTP long-polling: a GET waits for packets, a POST sends them."""

from __future__ import annotations

from collections.abc import Callable

from soakproof.load.clients.channel import HttpChannel
from soakproof.load.clients.endpoint import Endpoint
from soakproof.load.clients.hub import Hub
from soakproof.load.clients.transport import Session
from soakproof.load.clients.websocket import describe
from soakproof.load.wire import http, packets
from soakproof.load.wire.http import Response
from soakproof.load.wire.packets import PacketError

_TEXT = {"Content-Type": "text/plain;charset=UTF-8"}


class PollingTransport:
    """Long-polling to an Engine.IO server; ``polls`` False opens a session and then leaves it alone."""

    __slots__ = ("_endpoint", "_get", "_is_closing", "_max_bytes", "_outbox", "_polls", "_post", "_session", "sid")

    def __init__(self, endpoint: Endpoint, hub: Hub, session: Session, *, polls: bool = True) -> None:
        self._endpoint = endpoint
        self._session = session
        self._polls = polls
        self._get = HttpChannel(hub, endpoint.peer, self._on_polled, self._on_lost)
        self._post = HttpChannel(hub, endpoint.peer, self._on_posted, self._on_lost)
        self._outbox: list[bytes] = []
        self._is_closing = False
        self._max_bytes = 0
        self.sid: str | None = None

    def open(self) -> None:
        """Ask for a session."""
        self._get.send(self._request("GET"))

    def poll(self) -> None:
        """Ask for packets from now on, whenever there is no request for them under way."""
        self._polls = True
        if self.sid is not None and not self._is_closing and not self._get.is_busy:
            self._get.send(self._request("GET"))

    def send(self, packets_: list[bytes]) -> None:
        """Send packets, together with others that had to wait for the answer to the last POST."""
        self._outbox += packets.encode_for_polling(packets_)
        if not self._post.is_busy:
            self._flush()

    def shake(self) -> None:
        """Send Engine.IO's close packet; the answer to it ends the session."""
        self._is_closing = True
        self.send([packets.CLOSE.encode()])

    def mute(self, when_gone: Callable[[str], None]) -> None:
        """Stop polling: there is no connection that could stay open in between."""
        self.release()
        when_gone("stopped polling")

    def reset(self) -> None:
        """Drop the connections with a TCP RST."""
        self._get.reset()
        self._post.reset()

    def release(self) -> None:
        """Close the connections."""
        self._get.close()
        self._post.close()

    def _request(self, method: str, body: bytes | None = None) -> bytes:
        target = self._endpoint.target("polling", self.sid)
        headers = {**self._endpoint.options.headers, **(_TEXT if body is not None else {})}
        return http.request(method, target, self._endpoint.peer.authority, headers, body)

    def _flush(self) -> None:
        body, self._outbox = packets.fill_payload(self._outbox, self._max_bytes)
        self._post.send(self._request("POST", body))

    def _on_polled(self, response: Response) -> None:
        if response.status != http.OK:
            self._fail(describe(response))
            return
        try:
            for packet in packets.decode_payload(response.body):
                self._take(packet)
        except PacketError as error:
            self._fail(str(error))
            return
        if self._polls:
            self.poll()

    def _take(self, packet: str | bytes) -> None:
        if isinstance(packet, bytes):
            self._session.on_binary(packet)
            return
        if self.sid is None:
            opened = packets.decode_open(packet)
            self.sid, self._max_bytes = opened.sid, opened.max_payload_bytes
        self._session.on_text(packet)

    def _on_posted(self, response: Response) -> None:
        if response.status != http.OK:
            self._fail(describe(response))
        elif self._outbox:
            self._flush()
        elif self._is_closing:
            self._fail("closed")

    def _on_lost(self, reason: str) -> None:
        self._fail(reason)

    def _fail(self, reason: str) -> None:
        self.release()
        self._session.on_closed(reason)

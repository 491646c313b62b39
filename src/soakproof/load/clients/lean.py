"""The lean Socket.IO client: a few small objects, no greenlet of its own, nothing done twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from soakproof.load.clients.carried import CarriedClient
from soakproof.load.clients.endpoint import Endpoint
from soakproof.load.clients.errors import RefusedError
from soakproof.load.clients.hub import Hub, Waiter
from soakproof.load.clients.polling import PollingTransport
from soakproof.load.clients.transport import Session, Transport
from soakproof.load.clients.upgrading import UpgradingTransport
from soakproof.load.clients.websocket import WebSocketTransport
from soakproof.load.wire import msgpack, packets
from soakproof.load.wire.packets import Packet, PacketError

UNASKED: tuple[str, Any] = ("message", None)  # sent where the client has sent nothing yet itself


class LeanClient(CarriedClient):
    """One Socket.IO client in one namespace.

    Events that the server wants acknowledged are acknowledged with no arguments, unless ``acknowledges`` is False.
    ``last_event`` is the last one sent, with its payload; ``max_payload_bytes`` and ``ping_interval_s`` are
    the server's.
    """

    __slots__ = (
        "_acks", "_attachments", "_binary", "_next_ack", "_pong_due_s", "acknowledges", "last_event",
        "max_payload_bytes", "ping_interval_s", "sid",
    )  # fmt: skip

    def __init__(self, endpoint: Endpoint, when_lost: Callable[[str], None] | None = None) -> None:
        super().__init__(endpoint, when_lost)
        self._acks: dict[int, Waiter] | None = None
        self._next_ack = 0
        self._binary: Packet | None = None
        self._attachments: list[bytes] | None = None
        self.acknowledges = True
        self.last_event: tuple[str, Any] | None = None
        self.sid: str | None = None
        self.max_payload_bytes = 0
        self.ping_interval_s = 0.0
        self._pong_due_s = 0.0

    def emit(self, event: str, payload: Any = None) -> None:
        """Send an event.

        Raises:
            LostError: there is no connection.
        """
        self.last_event = (event, payload)
        self._carrier().send(self._endpoint.codec.event(self._endpoint.options.namespace, event, payload))

    def call(self, event: str, payload: Any = None, timeout_s: float | None = None) -> Any:
        """Send an event and return what it is acknowledged with.

        Raises:
            AnswerTimeoutError: it is not acknowledged in time.
            LostError: there is no connection, or it went away.
        """
        carrier = self._carrier()
        self.last_event = (event, payload)
        self._next_ack = ack_id = self._next_ack + 1
        waiter = Waiter()
        if self._acks is None:
            self._acks = {}
        self._acks[ack_id] = waiter
        try:
            carrier.send(self._endpoint.codec.event(self._endpoint.options.namespace, event, payload, ack_id))
            return self._wait(waiter, timeout_s, f"{event} was not acknowledged")
        finally:
            self._acks.pop(ack_id, None)

    def ask(self, event: str, payload: Any = None) -> None:
        """Send an event that the server is to acknowledge, and do not wait for it."""
        self._next_ack += 1
        namespace = self._endpoint.options.namespace
        self._carrier().send(self._endpoint.codec.event(namespace, event, payload, self._next_ack))

    def repeat(self) -> None:
        """Send the last event once more, asking for its acknowledgement, and do not wait for it."""
        self.ask(*(self.last_event or UNASKED))

    def keep_alive(self) -> None:
        """Answer the ping that is due by now, whether it has been read or not; to be called often."""
        if time.monotonic() >= self._pong_due_s:
            self._pong_due_s = time.monotonic() + self.ping_interval_s
            self._answer([b"3"])

    def send_header(self, event: str) -> None:
        """Send the header of a binary event, without the attachment that it announces."""
        self._carrier().send(packets.event(self._endpoint.options.namespace, event, b"never sent")[:1])

    def send_raw(self, packet: list[bytes]) -> None:
        """Send an Engine.IO packet as it is, right or wrong: its text (empty: none), and binary messages.

        Raises:
            LostError: there is no connection.
        """
        self._carrier().send(packet)

    def rejoin(self) -> None:
        """Leave the namespace and connect to it anew, over the same transport.

        Raises:
            RefusedError: the server refused.
            AnswerTimeoutError: it did not answer in time.
            LostError: there is no connection, or it went away.
        """
        carrier, options, codec = self._carrier(), self._endpoint.options, self._endpoint.codec
        self._connecting = waiter = Waiter()
        try:
            carrier.send(codec.disconnect(options.namespace))
            carrier.send(codec.connect(options.namespace, options.auth))
            self._wait(waiter, None, f"{options.namespace} was not connected to anew")
        finally:
            self._connecting = None

    def disconnect(self) -> None:
        """Leave the namespace, then close the connection."""
        self._leave(self._endpoint.codec.disconnect(self._endpoint.options.namespace))

    def on_text(self, text: str) -> None:
        """Take an Engine.IO packet."""
        kind = text[:1]
        try:
            if kind == packets.MESSAGE:
                self._take(packets.decode(text))
            elif kind == packets.PING:
                self._answer([b"3" + text[1:].encode()])
            elif kind == packets.OPEN:
                self._greet(text)
            elif kind == packets.CLOSE:
                self._fail("closed by the server")
        except PacketError as error:
            self._fail(str(error))

    def on_binary(self, data: bytes) -> None:
        """Take a msgpack packet, or an attachment of the binary packet before it."""
        try:
            if self._endpoint.options.serializer == "msgpack":
                self._take(msgpack.decode(data))
            else:
                self._collect(data)
        except PacketError as error:
            self._fail(str(error))

    def _make_transport(self) -> Transport:
        return make_transport(self._endpoint, self._hub, self)

    def _waiters(self) -> list[Waiter]:
        return [*(self._acks or {}).values(), *super()._waiters()]

    def _answer(self, packet: list[bytes]) -> None:
        if self.transport is not None:
            self.transport.send(packet)

    def _greet(self, text: str) -> None:
        opened = packets.decode_open(text)
        self.sid, self.max_payload_bytes = opened.sid, opened.max_payload_bytes
        self.ping_interval_s = opened.ping_interval_s
        options = self._endpoint.options
        self._answer(self._endpoint.codec.connect(options.namespace, options.auth))

    def _collect(self, attachment: bytes) -> None:
        if self._binary is None or self._attachments is None:
            raise PacketError("an attachment of nothing")
        self._attachments.append(attachment)
        if len(self._attachments) == self._binary.attachments:
            whole = packets.attach(self._binary, self._attachments)
            self._binary = self._attachments = None
            self._take(whole)

    def _take(self, packet: Packet) -> None:
        if packet.attachments:
            self._binary, self._attachments = packet, []
        elif packet.namespace == self._endpoint.options.namespace:
            self._take_whole(packet)

    def _take_whole(self, packet: Packet) -> None:
        match packet.kind:
            case packets.ACK | packets.BINARY_ACK:
                self._take_ack(packet)
            case packets.EVENT | packets.BINARY_EVENT:
                self._take_event(packet)
            case packets.CONNECT:
                self._take_connect(packet)
            case packets.CONNECT_ERROR:
                self._take_refusal(packet)
            case packets.DISCONNECT:
                self._fail("disconnected by the server")

    def _take_connect(self, packet: Packet) -> None:
        self.is_connected = True
        self.sid = packet.payload.get("sid") if isinstance(packet.payload, dict) else None
        if self._connecting is not None:
            self._hub.wake(self._connecting)

    def _take_refusal(self, packet: Packet) -> None:
        message = packet.payload.get("message", "") if isinstance(packet.payload, dict) else packet.payload
        if self._connecting is not None:
            self._hub.wake(self._connecting, error=RefusedError(f"refused: {message}"))

    def _take_ack(self, packet: Packet) -> None:
        waiter = self._acks.get(packet.ack_id) if self._acks and packet.ack_id is not None else None
        if waiter is not None:
            self._hub.wake(waiter, packets.from_arguments(packet.payload))

    def _take_event(self, packet: Packet) -> None:
        if not isinstance(packet.payload, list) or not packet.payload:
            raise PacketError("an event without a name")
        if packet.ack_id is not None and self.acknowledges:
            self._answer(self._endpoint.codec.acknowledge(packet.namespace, packet.ack_id))
        name, payload = packet.payload[0], packets.from_arguments(packet.payload[1:])
        self._keep(name, payload)


def make_transport(endpoint: Endpoint, hub: Hub, session: Session) -> Transport:
    """Return the transport that the options name first; polling upgrades where a WebSocket is named too."""
    first, *others = endpoint.options.transports
    if first == "websocket":
        return WebSocketTransport(endpoint, hub, session)
    return UpgradingTransport(endpoint, hub, session) if others else PollingTransport(endpoint, hub, session)

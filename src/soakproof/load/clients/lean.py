"""The lean Socket.IO client: a few small objects, no greenlet of its own, nothing done twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from soakproof.load.clients.endpoint import Endpoint
from soakproof.load.clients.errors import AnswerTimeoutError, ConnectError, LostError, RefusedError
from soakproof.load.clients.hub import Hub, Waiter, shared_hub
from soakproof.load.clients.inbox import Inbox
from soakproof.load.clients.polling import PollingTransport
from soakproof.load.clients.transport import Session, Transport
from soakproof.load.clients.upgrading import UpgradingTransport
from soakproof.load.clients.websocket import WebSocketTransport
from soakproof.load.wire import msgpack, packets
from soakproof.load.wire.packets import Packet, PacketError

CLOSE_TIMEOUT_S = 1.0


class LeanClient:
    """One Socket.IO client in one namespace.

    Unread events are kept, `INBOX_EVENTS` at most, the oldest dropped first. Events that the server wants acknowledged
    are acknowledged with no arguments, unless ``acknowledges`` is False. ``when_lost(reason)`` is called once if the
    connection goes away by itself; it must not wait. ``last_event`` is the last one sent, with its payload.
    """

    __slots__ = (
        "_acks", "_attachments", "_binary", "_closing", "_connecting", "_endpoint", "_hub", "_inbox", "_next_ack",
        "acknowledges", "is_connected", "last_event", "sid", "transport", "when_lost",
    )  # fmt: skip

    def __init__(self, endpoint: Endpoint, when_lost: Callable[[str], None] | None = None) -> None:
        self._endpoint = endpoint
        self._hub = shared_hub()
        self.transport: Transport | None = None
        self._connecting: Waiter | None = None
        self._closing: Waiter | None = None
        self._acks: dict[int, Waiter] | None = None
        self._inbox: Inbox | None = None
        self._next_ack = 0
        self._binary: Packet | None = None
        self._attachments: list[bytes] | None = None
        self.acknowledges = True
        self.is_connected = False
        self.last_event: tuple[str, Any] | None = None
        self.sid: str | None = None
        self.when_lost = when_lost

    def connect(self) -> None:
        """Connect to the server and to the namespace.

        Raises:
            RefusedError: the server's application said no.
            ConnectError: no connection came about.
        """
        self._connecting = waiter = Waiter()
        try:
            self.transport = make_transport(self._endpoint, self._hub, self)
            self.transport.open()
            self._hub.wait(waiter, self._endpoint.options.timeout_s)
        except TimeoutError as error:
            raise ConnectError(f"not connected within {self._endpoint.options.timeout_s:g} s") from error
        except OSError as error:
            raise ConnectError(error.strerror or str(error)) from error
        finally:
            self._connecting = None
            if not self.is_connected:
                self.release()

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

    def send_header(self, event: str) -> None:
        """Send the header of a binary event, without the attachment that it announces."""
        self._carrier().send(packets.event(self._endpoint.options.namespace, event, b"never sent")[:1])

    def wait_for(self, event: str, timeout_s: float | None = None) -> Any:
        """Return the payload of the oldest such event that nobody took, or of the next one.

        Raises:
            AnswerTimeoutError: none came in time.
            LostError: there is no connection, or it went away.
        """
        if self._inbox is None:
            self._inbox = Inbox()
        kept = self._inbox.take(event)
        if kept is not None:
            return kept[1]
        self._carrier()
        waiter = self._inbox.expect(event)
        try:
            return self._wait(waiter, timeout_s, f"{event} did not come")
        finally:
            self._inbox.forget(waiter)

    def close(self) -> None:
        """Close the connection without leaving the namespace, and wait for the server's answer, a second at most."""
        self._leave([])

    def disconnect(self) -> None:
        """Leave the namespace, then close the connection."""
        self._leave(self._endpoint.codec.disconnect(self._endpoint.options.namespace))

    def release(self) -> None:
        """Close the sockets at once, without a word; harmless when called twice."""
        self.is_connected = False
        transport, self.transport = self.transport, None
        if transport is not None:
            transport.release()

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

    def on_closed(self, reason: str) -> None:
        """Wake whoever waits, and tell the owner, unless the connection was being closed from here."""
        was_connected, self.is_connected = self.is_connected, False
        self.transport = None
        if self._closing is not None:
            self._hub.wake(self._closing)
            return
        if was_connected and self.when_lost is not None:
            self.when_lost(reason)
        if self._connecting is not None:
            self._hub.wake(self._connecting, error=ConnectError(reason))
        error = LostError(f"connection lost: {reason}")
        for waiter in [*(self._acks or {}).values(), *(self._inbox.waiters() if self._inbox else ())]:
            self._hub.wake(waiter, error=error)

    def _carrier(self) -> Transport:
        if self.transport is None or not self.is_connected:
            raise LostError("not connected")
        return self.transport

    def _wait(self, waiter: Waiter, timeout_s: float | None, complaint: str) -> Any:
        seconds = self._endpoint.options.timeout_s if timeout_s is None else timeout_s
        try:
            return self._hub.wait(waiter, seconds)
        except TimeoutError as error:
            raise AnswerTimeoutError(f"{complaint} within {seconds:g} s") from error

    def _answer(self, packet: list[bytes]) -> None:
        if self.transport is not None:
            self.transport.send(packet)

    def _greet(self, text: str) -> None:
        self.sid = packets.decode_open(text).sid
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
        if self._inbox is None:
            self._inbox = Inbox()
        self._inbox.put(name, payload, self._hub)

    def _fail(self, reason: str) -> None:
        """Close, as if the server had."""
        transport = self.transport
        if transport is not None:
            transport.release()
            self.on_closed(reason)

    def _leave(self, last: list[bytes]) -> None:
        if self.transport is None:
            return
        self.is_connected = False
        self._closing = waiter = Waiter()
        try:
            if last:
                self.transport.send(last)
            self.transport.shake()
            self._hub.wait(waiter, CLOSE_TIMEOUT_S)
        except TimeoutError:
            pass  # the server owes us no answer; the connection is over all the same
        finally:
            self._closing = None
            self.release()


def make_transport(endpoint: Endpoint, hub: Hub, session: Session) -> Transport:
    """Return the transport that the options name first; polling upgrades where a WebSocket is named too."""
    first, *others = endpoint.options.transports
    if first == "websocket":
        return WebSocketTransport(endpoint, hub, session)
    return UpgradingTransport(endpoint, hub, session) if others else PollingTransport(endpoint, hub, session)

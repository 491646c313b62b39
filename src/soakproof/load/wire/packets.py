"""Packets of Engine.IO 4 and Socket.IO 5 as a client writes and reads them, without I/O.

Sources: the protocol documents of Engine.IO (revision 4) and Socket.IO (revision 5).

Written by hand because the profile said so: per connection (one event and its acknowledgement) the codecs of
python-engineio and python-socketio take 37 microseconds of CPU, these 1.5, and the whole budget is 450. Binary payloads
are rare, so taking them apart and putting them together is left to python-socketio.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from types import NoneType
from typing import Any, NamedTuple

import msgspec

from soakproof.late import packet as library

OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = "0", "1", "2", "3", "4", "5", "6"
CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = range(7)

ROOT = "/"
MAX_PACKETS = 16  # in the body of one request: python-engineio refuses more (Payload.max_decode_packets)

_PLAIN = (str, int, float, NoneType)
_SEPARATOR = b"\x1e"  # between the packets of a polling payload

_encode_json = msgspec.json.Encoder().encode
_decode_json = msgspec.json.Decoder().decode


class PacketError(ValueError):
    """The server sent what is no packet."""


class Packet(msgspec.Struct, frozen=True):
    """A Socket.IO packet; ``attachments`` is how many binary ones are still to come."""

    kind: int
    namespace: str
    ack_id: int | None
    payload: Any
    attachments: int


class Opened(NamedTuple):
    """What a server says when it opens an Engine.IO session; times in seconds."""

    sid: str
    upgrades: tuple[str, ...]
    ping_interval_s: float
    ping_timeout_s: float
    max_payload_bytes: int


def connect(namespace: str, auth: Any = None) -> list[bytes]:
    """Return the Engine.IO message that connects to a namespace; ``auth`` None sends none."""
    return [_message(CONNECT, namespace, None) + (b"" if auth is None else _encode_json(auth))]


def disconnect(namespace: str) -> list[bytes]:
    """Return the Engine.IO message that leaves a namespace."""
    return [_message(DISCONNECT, namespace, None)]


def event(namespace: str, name: str, payload: Any = None, ack_id: int | None = None) -> list[bytes]:
    """Return the packets of an event: the message, and one per binary attachment.

    ``payload`` None sends no argument, a tuple one per item, anything else one: python-socketio's way.
    """
    arguments = [name, *to_arguments(payload)]
    if is_binary(arguments):
        return _binary(BINARY_EVENT, namespace, ack_id, arguments)
    return [_message(EVENT, namespace, ack_id) + _encode_json(arguments)]


def acknowledge(namespace: str, ack_id: int, payload: Any = None) -> list[bytes]:
    """Return the packets that acknowledge an event of the server; ``payload`` as in `event`."""
    arguments = to_arguments(payload)
    if is_binary(arguments):
        return _binary(BINARY_ACK, namespace, ack_id, arguments)
    return [_message(ACK, namespace, ack_id) + _encode_json(arguments)]


def encode_for_polling(packets: list[bytes]) -> list[bytes]:
    """Return packets as bodies of polling requests hold them: the first is text (empty: none), the others binary."""
    text = packets[:1] if packets[0] else []
    return [*text, *(b"b" + base64.b64encode(packet) for packet in packets[1:])]


def fill_payload(waiting: list[bytes], max_bytes: int) -> tuple[bytes, list[bytes]]:
    """Return a body of as many packets as a server takes at once, one at least, and the packets that are left."""
    count, room = 1, max_bytes - len(waiting[0])
    while count < min(len(waiting), MAX_PACKETS) and len(waiting[count]) < room:
        room -= len(waiting[count]) + 1
        count += 1
    return _SEPARATOR.join(waiting[:count]), waiting[count:]


def decode_payload(body: bytes) -> Iterator[str | bytes]:
    """Yield the packets of a polling response, text as str and binary as bytes.

    Raises:
        PacketError: it is not UTF-8, or not base64 where it says so.
    """
    try:
        for packet in body.decode().split("\x1e"):
            yield base64.b64decode(packet[1:], validate=True) if packet.startswith("b") else packet
    except ValueError as error:
        raise PacketError(f"not an Engine.IO payload: {body[:80]!r}") from error


def to_arguments(payload: Any) -> list[Any]:
    """Return the list of arguments that a payload stands for."""
    if payload is None:
        return []
    return list(payload) if isinstance(payload, tuple) else [payload]


def from_arguments(arguments: list[Any]) -> Any:
    """Return the payload that arguments stand for: None, the only one, or a tuple."""
    if len(arguments) == 1:
        return arguments[0]
    return tuple(arguments) if arguments else None


def is_binary(value: Any) -> bool:
    """Return whether bytes are anywhere in the value."""
    if isinstance(value, _PLAIN):
        return False
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return isinstance(value, bytes | bytearray)
    for item in value:  # noqa: SIM110  # any() over a generator takes twice as long, and every event comes by here
        if is_binary(item):
            return True
    return False


def decode_open(text: str) -> Opened:
    """Read an Engine.IO open packet, its type included."""
    try:
        fields = _decode_json(text[1:])
        return Opened(
            sid=fields["sid"],
            upgrades=tuple(fields.get("upgrades", ())),
            ping_interval_s=fields["pingInterval"] / 1000,
            ping_timeout_s=fields["pingTimeout"] / 1000,
            max_payload_bytes=int(fields.get("maxPayload", 1_000_000)),
        )
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise PacketError(f"not an Engine.IO 4 open packet: {text[:80]!r}") from error


def decode(text: str) -> Packet:
    """Read an Engine.IO message that carries a Socket.IO packet, Engine.IO's type included.

    Raises:
        PacketError: it is none.
    """
    kind = ord(text[1]) - 48 if len(text) > 1 else -1
    if not CONNECT <= kind <= BINARY_ACK:
        raise PacketError(f"not a Socket.IO packet: {text[:80]!r}")
    at, attachments = _read_attachments(text) if kind >= BINARY_EVENT else (2, 0)
    namespace = ROOT
    if text.startswith("/", at):
        at, namespace = _read_namespace(text, at)
    start = at
    while text[at : at + 1].isdecimal():
        at += 1
    ack_id = int(text[start:at]) if at > start else None
    try:
        payload = _decode_json(text[at:]) if at < len(text) else None
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise PacketError(f"not JSON in a Socket.IO packet: {text[:80]!r}") from error
    return Packet(kind, namespace, ack_id, payload, attachments)


def attach(packet: Packet, attachments: list[bytes]) -> Packet:
    """Return a binary packet with its attachments where their placeholders stand.

    Raises:
        PacketError: a placeholder names an attachment that there is not.
    """
    try:
        payload = library.Packet.reconstruct_binary(packet.payload, attachments)
    except (LookupError, TypeError) as error:
        raise PacketError(f"placeholders do not fit {len(attachments)} attachments") from error
    return msgspec.structs.replace(packet, payload=payload, attachments=0)


def _message(kind: int, namespace: str, ack_id: int | None) -> bytes:
    where = "" if namespace == ROOT else f"{namespace},"
    return f"4{kind}{where}{'' if ack_id is None else ack_id}".encode()


def _binary(kind: int, namespace: str, ack_id: int | None, arguments: list[Any]) -> list[bytes]:
    body, attachments = library.Packet.deconstruct_binary(arguments)
    head = _message(kind, namespace, ack_id)
    return [head[:2] + b"%d-" % len(attachments) + head[2:] + _encode_json(body), *map(bytes, attachments)]


def _read_attachments(text: str) -> tuple[int, int]:
    count, dash, _ = text[2:].partition("-")
    if not dash or not count.isdecimal():
        raise PacketError(f"binary packet without a count of attachments: {text[:80]!r}")
    return 3 + len(count), int(count)


def _read_namespace(text: str, at: int) -> tuple[int, str]:
    comma = text.find(",", at)
    if comma < 0:
        return len(text), text[at:]
    return comma + 1, text[at:comma]

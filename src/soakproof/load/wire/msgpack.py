"""Packets of python-socketio's ``serializer="msgpack"`` and of socket.io-msgpack-parser: one binary message each.

Bytes stand in the payload as they are: there are no attachments. None is left out, since Node's parser refuses a
connect packet with null for data. Source: socketio/msgpack_packet.py of python-socketio.
"""

from __future__ import annotations

from typing import Any

import msgspec

from soakproof.load.wire.packets import (
    ACK,
    CONNECT,
    CONNECT_ERROR,
    DISCONNECT,
    EVENT,
    Packet,
    PacketError,
    to_arguments,
)

_encode = msgspec.msgpack.Encoder().encode


class _Fields(msgspec.Struct):
    type: int
    nsp: str
    data: Any = None
    id: int | None = None


_decode = msgspec.msgpack.Decoder(_Fields).decode


def connect(namespace: str, auth: Any = None) -> list[bytes]:
    """Return a connect packet; ``auth`` None sends none."""
    return _write(CONNECT, namespace, auth)


def disconnect(namespace: str) -> list[bytes]:
    """Return a disconnect packet."""
    return _write(DISCONNECT, namespace, None)


def event(namespace: str, name: str, payload: Any = None, ack_id: int | None = None) -> list[bytes]:
    """Return an event; ``payload`` as in `packets.event`."""
    return _write(EVENT, namespace, [name, *to_arguments(payload)], ack_id)


def acknowledge(namespace: str, ack_id: int, payload: Any = None) -> list[bytes]:
    """Return an acknowledgement."""
    return _write(ACK, namespace, to_arguments(payload), ack_id)


def decode(data: bytes) -> Packet:
    """Read a packet.

    Raises:
        PacketError: it is none.
    """
    try:
        fields = _decode(data)
    except msgspec.MsgspecError as error:
        raise PacketError(f"not a Socket.IO packet in msgpack: {data[:80]!r}") from error
    if not CONNECT <= fields.type <= CONNECT_ERROR:
        raise PacketError(f"not a Socket.IO packet in msgpack: its type is {fields.type}")
    return Packet(fields.type, fields.nsp, fields.id, fields.data, 0)


def _write(kind: int, namespace: str, payload: Any, ack_id: int | None = None) -> list[bytes]:
    fields = {"type": kind, "nsp": namespace, "data": payload, "id": ack_id}
    return [b"", _encode({name: value for name, value in fields.items() if value is not None})]

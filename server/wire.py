"""Socket.IO packets as this server reads them: bounded, and never a reason to fall silent."""

from __future__ import annotations

import json
from typing import Any

from socketio.packet import ACK, BINARY_ACK, BINARY_EVENT, CONNECT, DISCONNECT, EVENT, Packet

from server.limits import Limits

UNREADABLE = "unreadable"
_FROM_CLIENTS = {CONNECT, DISCONNECT, EVENT, ACK, BINARY_EVENT, BINARY_ACK}
_MAX_DEPTH = 32
_MAX_ATTACHMENTS = 4
_RESERVED = ("connect", "disconnect", UNREADABLE)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


class StrictJson:
    """The JSON that other clients can read: no NaN, no Infinity."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str | bytes) -> Any:
        """Parse a text, or UTF-8 as Redis hands it over. Raises ValueError; RecursionError where it is too deep."""
        return _DECODER.decode(text if isinstance(text, str) else text.decode())


class BoundedPacket(Packet):  # type: ignore[misc]  # python-socketio carries no types
    """A packet whose events are checked before any handler sees them.

    What cannot be taken becomes the event ``unreadable``, so that its sender is told. The library itself would log a
    traceback and say nothing; it would also take an event named ``disconnect`` for the real thing, and collect as many
    attachments as a client announces.
    """

    json = StrictJson
    event_bytes = Limits().event_bytes

    def decode(self, encoded_packet: Any) -> int:
        """Decode as the library does; return the number of attachments to wait for."""
        try:
            attachments = super().decode(encoded_packet) or 0
            complaint = self._complain(encoded_packet, attachments)
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            attachments, complaint = 0, f"payload is not a Socket.IO packet: {str(error)[:100]}"
        if complaint is None:
            return int(attachments)
        self.packet_type, self.namespace, self.id, self.data = EVENT, None, None, [UNREADABLE, complaint]
        return 0

    def _complain(self, encoded_packet: Any, attachments: int) -> str | None:
        if self.packet_type not in _FROM_CLIENTS:
            return f"packet of type {self.packet_type!r}, which clients do not send"
        complaint = self._complain_of_size(encoded_packet, attachments)
        if complaint is None and self.packet_type in {EVENT, BINARY_EVENT}:
            return self._complain_of_data(encoded_packet)
        return complaint

    def _complain_of_size(self, encoded_packet: Any, attachments: int) -> str | None:
        if len(encoded_packet) > self.event_bytes:
            return f"payload of {len(encoded_packet)} characters, need at most {self.event_bytes}"
        if attachments > _MAX_ATTACHMENTS:
            return f"payload with {attachments} attachments, need at most {_MAX_ATTACHMENTS}"
        return None

    def _complain_of_data(self, encoded_packet: Any) -> str | None:
        if not isinstance(self.data, list) or not self.data or not isinstance(self.data[0], str):
            return "payload without an event name; need [name, payload]"
        if self.data[0] in _RESERVED:
            return f"event {self.data[0]!r} is the server's own; need another name"
        if is_too_deep(encoded_packet, self.data):
            return f"payload nested more than {_MAX_DEPTH} deep"
        return None


def is_too_deep(text: str, parsed: Any) -> bool:
    """Return whether JSON is nested too deeply; most texts have too few brackets to need a look."""
    if text.count("[") + text.count("{") <= _MAX_DEPTH:
        return False
    level = [parsed]
    for _ in range(_MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: Any) -> list[Any]:
    values = node.values() if isinstance(node, dict) else node
    return [value for value in values if isinstance(value, dict | list)]

"""WebSocket frames of a client (RFC 6455, section 5), without I/O.

Clients must mask what they send, with a key that cannot be predicted, so that a script in a browser cannot choose the
bytes that a proxy on the way sees (section 10.3). Here nobody but ourselves writes the payload, and it goes to our own
server: the key is always zero, which is legal on the wire, means the same to the server, and spares the masking.
"""

from __future__ import annotations

import struct
from typing import Final

import msgspec

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

_FIN, _MASKED = 0x80, 0x80
_ZERO_KEY = bytes(4)
_SHORT = 2 + 126  # RFC 6455, section 5.2: lengths from 126 on take two or eight more bytes
_WHOLE = frozenset({bytes([_FIN | TEXT]), bytes([_FIN | BINARY])})


class FrameError(ValueError):
    """The server sent what RFC 6455 forbids."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """A whole message or control frame: its opcode (never a continuation) and its payload."""

    opcode: int
    payload: bytes


def encode(opcode: int, payload: bytes) -> bytes:
    """Return one final frame, masked with the zero key."""
    length = len(payload)
    if 2 + length < _SHORT:
        head = bytes((_FIN | opcode, _MASKED | length))
    elif length < 1 << 16:
        head = struct.pack("!BBH", _FIN | opcode, _MASKED | 126, length)
    else:
        head = struct.pack("!BBQ", _FIN | opcode, _MASKED | 127, length)
    return head + _ZERO_KEY + payload


CLOSE_NORMALLY: Final = encode(CLOSE, (1000).to_bytes(2, "big"))  # RFC 6455, section 7.4.1


class Decoder:
    """Puts messages together from the bytes a server sends, however they are cut."""

    __slots__ = ("_opcode", "_parts", "_rest")

    def __init__(self) -> None:
        self._rest = b""
        self._opcode = CONTINUATION
        self._parts: list[bytes] | None = None

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that these bytes complete.

        Raises:
            FrameError: a reserved bit, a masked frame, a fragmented control frame, or a continuation of nothing.
        """
        if self._rest:
            data = self._rest + data
        elif self._parts is None and data[:1] in _WHOLE and 1 < len(data) == 2 + data[1] < _SHORT:  # nearly always
            return [Message(data[0] & 0x0F, data[2:])]
        messages: list[Message] = []
        at, end = 0, len(data)
        while end - at >= 2:  # noqa: PLR2004  # the shortest head
            start, stop = _payload_span(data, at)
            if stop > end:
                break
            message = self._collect(data[at], data[start:stop])
            if message is not None:
                messages.append(message)
            at = stop
        self._rest = data[at:]
        return messages

    def _collect(self, first: int, payload: bytes) -> Message | None:
        """Return the message that a frame completes, if it does; ``first`` is the frame's first byte."""
        opcode = first & 0x0F
        is_final = first & _FIN
        if first & 0x70:
            raise FrameError(f"frame with reserved bits {first & 0x70:#x}; no extension was agreed on")
        if opcode >= CLOSE:
            if not is_final:
                raise FrameError("fragmented control frame")
            return Message(opcode, payload)
        if is_final and opcode and self._parts is None:
            return Message(opcode, payload)
        return self._join(opcode, payload, is_final=bool(is_final))

    def _join(self, opcode: int, payload: bytes, *, is_final: bool) -> Message | None:
        if (opcode == CONTINUATION) == (self._parts is None):
            raise FrameError("continuation of nothing" if self._parts is None else "message inside a message")
        if self._parts is None:
            self._opcode, self._parts = opcode, []
        self._parts.append(payload)
        if not is_final:
            return None
        whole, self._parts = b"".join(self._parts), None
        return Message(self._opcode, whole)


def _payload_span(data: bytes, at: int) -> tuple[int, int]:
    """Return where the payload of the frame at ``at`` starts and stops; beyond the data where more must come."""
    length = data[at + 1]
    if length & _MASKED:
        raise FrameError("masked frame; servers must not mask")
    if 2 + length < _SHORT:
        return at + 2, at + 2 + length
    width = 2 if length == 126 else 8  # noqa: PLR2004
    start = at + 2 + width
    if len(data) < start:
        return start, len(data) + 1
    return start, start + int.from_bytes(data[at + 2 : start], "big")

"""As much of protobuf's encoding as a profile needs: whole numbers, texts, messages within messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

VARINT, LENGTH_DELIMITED = 0, 2
LOW_BITS, MORE = 0x7F, 0x80


class Message:
    """A message that is put together field by field, and encoded."""

    def __init__(self) -> None:
        self._encoded = bytearray()

    def add_number(self, field: int, value: int) -> Self:
        """Add a whole number that is not negative."""
        self._encoded += encode_varint(field << 3 | VARINT) + encode_varint(value)
        return self

    def add_numbers(self, field: int, values: Sequence[int]) -> Self:
        """Add a packed field of whole numbers."""
        return self._add_bytes(field, b"".join(map(encode_varint, values)))

    def add_text(self, field: int, text: str) -> Self:
        """Add a text."""
        return self._add_bytes(field, text.encode("utf-8", "replace"))

    def add_message(self, field: int, message: Message) -> Self:
        """Add a message."""
        return self._add_bytes(field, message.encode())

    def encode(self) -> bytes:
        """Return the message as bytes."""
        return bytes(self._encoded)

    def _add_bytes(self, field: int, content: bytes) -> Self:
        self._encoded += encode_varint(field << 3 | LENGTH_DELIMITED) + encode_varint(len(content)) + content
        return self


def encode_varint(value: int) -> bytes:
    """Return a whole number in groups of seven bits, the lowest first."""
    encoded = bytearray()
    while value > LOW_BITS:
        encoded.append(value & LOW_BITS | MORE)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)

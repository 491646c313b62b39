"""The two ways of writing Socket.IO packets, of which a server speaks one: text (JSON) and msgpack."""

from __future__ import annotations

from typing import Any, Protocol

from soakproof.load.options import Serializer
from soakproof.load.wire import msgpack, packets


class Codec(Protocol):
    """Writes packets; each answer is what the transport is to send: a text (empty: none), and binary messages."""

    def connect(self, namespace: str, auth: Any = None) -> list[bytes]:
        """Return a connect packet."""

    def disconnect(self, namespace: str) -> list[bytes]:
        """Return a disconnect packet."""

    def event(self, namespace: str, name: str, payload: Any = None, ack_id: int | None = None) -> list[bytes]:
        """Return an event."""

    def acknowledge(self, namespace: str, ack_id: int, payload: Any = None) -> list[bytes]:
        """Return an acknowledgement."""


def choose_codec(serializer: Serializer) -> Codec:
    """Return the codec that speaks as the server's ``serializer`` does."""
    return msgpack if serializer == "msgpack" else packets

"""What a lean client and its transport know of each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Session(Protocol):
    """The client, as its transport sees it."""

    def on_text(self, text: str) -> None:
        """Take an Engine.IO packet, its type included."""

    def on_binary(self, data: bytes) -> None:
        """Take a binary message."""

    def on_closed(self, reason: str) -> None:
        """Learn that the transport is gone, by the server's doing or the network's."""


class Transport(Protocol):
    """A way to carry Engine.IO packets."""

    def open(self) -> None:
        """Begin to connect; the session's open packet comes as the first text."""

    def send(self, packets: list[bytes]) -> None:
        """Send a text packet (empty: none) and the binary ones that belong to it."""

    def shake(self) -> None:
        """Begin the closing handshake; `Session.on_closed` is called at its end."""

    def mute(self, when_gone: Callable[[str], None]) -> None:
        """Go silent: answer nothing, and keep what is open until the server closes it; ``when_gone`` is called then."""

    def reset(self) -> None:
        """Drop the sockets with a TCP RST."""

    def release(self) -> None:
        """Close the sockets at once; harmless when called twice."""

"""Leaving with the server told: by the book, or by the WebSocket alone."""

from __future__ import annotations

from soakproof.load.clients.client import Client
from soakproof.load.drops.mode import DropMode


class Graceful(DropMode):
    """Socket.IO disconnect, then a closing handshake: what a client library's ``disconnect()`` does."""

    name = "graceful"

    def leave(self, client: Client) -> None:
        """Leave the namespace, then close."""
        client.disconnect()


class Close(DropMode):
    """A closing handshake only: what closing a browser's tab does."""

    name = "close"

    def leave(self, client: Client) -> None:
        """Close."""
        client.close()

"""Leaving with the server told: by a disconnect packet, or by the WebSocket alone."""

from __future__ import annotations

from soakproof.load.clients.client import Client
from soakproof.load.clients.lean import LeanClient
from soakproof.load.drops.mode import LibraryMode, WhenLost, WireMode
from soakproof.load.options import ClientOptions


class Graceful(LibraryMode):
    """Socket.IO disconnect, then a closing handshake: what a client library's ``disconnect()`` does."""

    name = "graceful"

    def leave(self, client: Client) -> None:
        """Leave the namespace, then close."""
        client.disconnect()


class Close(LibraryMode):
    """A closing handshake only: what closing a browser's tab does."""

    name = "close"

    def leave(self, client: Client) -> None:
        """Close."""
        client.close()


class Reconnect(LibraryMode):
    """Closes, and comes back at once as who it was, with its cookies and ids: a page loaded again.

    A client of this mode makes two connections, and both are counted as dropped in it.
    """

    name = "reconnect"
    comes_back = True

    def leave(self, client: Client) -> None:
        """Close."""
        client.close()


class Unacked(WireMode):
    """Never acknowledges what the server asked to be acknowledged, then closes: callbacks wait for good."""

    name = "unacked"

    def make(self, url: str, options: ClientOptions, when_lost: WhenLost) -> LeanClient:
        """Return a client that acknowledges nothing."""
        client = super().make(url, options, when_lost)
        client.acknowledges = False
        return client

    def leave(self, client: LeanClient) -> None:
        """Close."""
        client.close()

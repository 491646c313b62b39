"""What a drop mode is: a way for a client to leave, or never really to come."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from soakproof.load.clients.client import Client


class DropMode(ABC):
    """A way to leave. One object serves all clients; it keeps nothing about any of them."""

    name: ClassVar[str]
    connections: ClassVar[int] = 1  # that one client makes in its life

    @abstractmethod
    def leave(self, client: Client) -> None:
        """Take the client off the server in this mode; when it returns, the client is gone."""

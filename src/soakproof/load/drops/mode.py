"""What a drop mode is: a way for a client to leave, or never really to come."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from soakproof.load.clients.client import Client, Connection
from soakproof.load.clients.lean import LeanClient
from soakproof.load.clients.make import make_client, make_wire_client
from soakproof.load.options import ClientOptions

C = TypeVar("C", bound=Connection)
WhenLost = Callable[[str], None]


class DropMode(ABC, Generic[C]):
    """A way to leave. One object serves all clients; it keeps nothing about any of them.

    ``is_admitted`` says whether the server lets the client in, so that it can work; ``is_wire`` whether the mode does
    what only the lean client can; ``comes_back`` whether the client connects once more and leaves again in the same
    mode; ``is_silent`` whether the server has to find out by its timeouts; ``is_plain`` whether a plain WebSocket
    can be left so; ``is_straining`` whether what clients do while they leave strains the server, so that its memory is
    told meanwhile (`soakproof.judge.strain`).
    """

    name: ClassVar[str]
    is_admitted: ClassVar[bool] = True
    is_wire: ClassVar[bool] = True
    comes_back: ClassVar[bool] = False
    is_silent: ClassVar[bool] = False
    is_plain: ClassVar[bool] = False
    is_straining: ClassVar[bool] = False

    def adapt(self, options: ClientOptions) -> ClientOptions:
        """Return how a client that will leave in this mode connects."""
        return options

    @abstractmethod
    def make(self, url: str, options: ClientOptions, when_lost: WhenLost) -> C:
        """Return a client, not connected yet, that will leave in this mode."""

    @abstractmethod
    def leave(self, client: C) -> None:
        """Take the client off the server; when it returns, the client has done all that it will do."""


class LibraryMode(DropMode[Client]):
    """A mode that either client can leave in."""

    is_wire = False
    is_plain = True

    def make(self, url: str, options: ClientOptions, when_lost: WhenLost) -> Client:
        """Return the client that the options name."""
        return make_client(url, options, when_lost)


class WireMode(DropMode[LeanClient]):
    """A mode that takes the lean client, since it breaks rules that a library keeps."""

    def make(self, url: str, options: ClientOptions, when_lost: WhenLost) -> LeanClient:
        """Return a lean client."""
        client: LeanClient = make_wire_client(url, options, self.adapt, when_lost)
        return client

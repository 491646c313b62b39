"""Choosing between the clients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from soakproof.load.clients.client import Client
from soakproof.load.clients.endpoint import Adapt, build_endpoint, unchanged
from soakproof.load.clients.lean import LeanClient
from soakproof.load.clients.plain import PlainClient
from soakproof.load.options import ClientOptions


def make_wire_client(
    url: str, options: ClientOptions, adapt: Adapt, when_lost: Callable[[str], None] | None = None
) -> Any:
    """Return a client of our own, which speaks the protocol that the options name and can break its rules."""
    kind = PlainClient if options.protocol == "websocket" else LeanClient
    return kind(build_endpoint(url, options, adapt), when_lost)


def make_client(url: str, options: ClientOptions, when_lost: Callable[[str], None] | None = None) -> Client:
    """Return a client, not connected yet.

    Args:
        url: The server's URL.
        options: How it connects; ``options.client`` chooses between the two.
        when_lost: Called with the reason if the connection goes away by itself.

    Raises:
        ConfigError: The URL cannot be read, or a file with certificates.
    """
    if options.client == "lean" or options.protocol == "websocket":
        client: Client = make_wire_client(url, options, unchanged, when_lost)
        return client
    from soakproof.load.clients.reference import ReferenceClient  # noqa: PLC0415  # its library loads slowly

    return ReferenceClient(url, options, when_lost)

"""Choosing between the two clients."""

from __future__ import annotations

from collections.abc import Callable

from soakproof.load.clients.client import Client
from soakproof.load.clients.endpoint import build_endpoint
from soakproof.load.clients.lean import LeanClient
from soakproof.load.options import ClientOptions


def make_client(url: str, options: ClientOptions, when_lost: Callable[[str], None] | None = None) -> Client:
    """Return a client, not connected yet.

    Args:
        url: The server's URL.
        options: How it connects; ``options.client`` chooses between the two.
        when_lost: Called with the reason if the connection goes away by itself.

    Raises:
        ConfigError: The URL cannot be read, or a file with certificates.
    """
    if options.client == "lean":
        return LeanClient(build_endpoint(url, options), when_lost)
    from soakproof.load.clients.reference import ReferenceClient  # noqa: PLC0415  # its library loads slowly

    return ReferenceClient(url, options, when_lost)

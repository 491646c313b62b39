"""The other end of a client's connections: an address, and TLS or none."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import msgspec

from soakproof.load.clients.hub import Hub
from soakproof.load.clients.stream import Stream
from soakproof.load.clients.tls import TlsStream
from soakproof.load.clients.tlscontext import make_context
from soakproof.load.options import ClientOptions
from soakproof.serverurl import ServerUrl


class Peer(msgspec.Struct, frozen=True):
    """Where to connect to, and how what is sent is enciphered, if it is."""

    address: tuple[str, int]
    authority: str
    tls: ssl.SSLContext | None = None

    def make_stream(
        self, hub: Hub, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]
    ) -> Stream | TlsStream:
        """Return a stream to it, not connected yet."""
        if self.tls is None:
            return Stream(hub, on_bytes, on_lost)
        return TlsStream(hub, on_bytes, on_lost, self.tls, self.address[0])


def make_peer(url: ServerUrl, options: ClientOptions) -> Peer:
    """Return the peer at a URL.

    Raises:
        ConfigError: the files with certificates are not there.
    """
    context = make_context(options.ca, options.cert) if url.is_tls else None
    return Peer(url.address, url.authority, context)

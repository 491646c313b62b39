"""The URL of a server, taken apart: the one place that reads it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from soakproof.errors import ConfigError

PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


class ServerUrl(NamedTuple):
    """A server's host and port, whether it speaks TLS, and the query that its URL carries."""

    host: str
    port: int
    is_tls: bool
    query: dict[str, str]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port as a socket connects to them."""
        return self.host, self.port

    @property
    def authority(self) -> str:
        """Host and port as the ``Host`` header has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_url(url: str) -> ServerUrl:
    """Take a URL apart: ``http``, ``https``, ``ws`` or ``wss``; ``http`` where none is given.

    Raises:
        ConfigError: it is no such URL.
    """
    example = "need something like http://127.0.0.1:8000"
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(f"--url {url!r}: {error}; {example}") from error
    if parts.scheme not in PORTS or not host:
        raise ConfigError(f"--url {url!r}: no http, https, ws or wss URL; {example}")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return ServerUrl(host, port or PORTS[parts.scheme], parts.scheme in {"https", "wss"}, query)

"""Where a client connects to: everything about it that is the same for each client, built once."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode

import msgspec

from soakproof.load.options import ClientOptions, parse_url
from soakproof.load.wire import http


class Endpoint(msgspec.Struct, frozen=True):
    """A Socket.IO server and how it is connected to."""

    url: str
    address: tuple[str, int]
    host: str
    options: ClientOptions
    new_websocket: bytes

    def target(self, transport: str, sid: str | None = None) -> str:
        """Return path and query of a request to the Engine.IO server."""
        return build_target(self.options, transport, sid)

    def upgrade_request(self, sid: str | None) -> bytes:
        """Return the request that opens a WebSocket."""
        if sid is None:
            return self.new_websocket
        return http.upgrade_request(self.target("websocket", sid), self.host, self.options.headers)


def build_target(options: ClientOptions, transport: str, sid: str | None = None) -> str:
    """Return path and query of a request: protocol revision, transport, session and the user's own."""
    query = {**options.query, "EIO": "4", "transport": transport}
    if sid is not None:
        query["sid"] = sid
    return f"/{options.path.strip('/')}/?{urlencode(query)}"


def build_endpoint(url: str, options: ClientOptions) -> Endpoint:
    """Return the endpoint of a server; the same one for the same arguments.

    Raises:
        ConfigError: the URL is none that a client can connect to.
    """
    return _build(url, msgspec.json.encode(options))


@lru_cache(maxsize=64)
def _build(url: str, encoded: bytes) -> Endpoint:
    options = msgspec.json.decode(encoded, type=ClientOptions)
    address = parse_url(url)
    host = f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"
    return Endpoint(
        url=url,
        address=address,
        host=host,
        options=options,
        new_websocket=http.upgrade_request(build_target(options, "websocket"), host, options.headers),
    )

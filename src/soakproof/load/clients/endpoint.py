"""Where a client connects to: everything about it that is the same for each client, built once."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from soakproof.load.options import ClientOptions, parse_url
from soakproof.load.wire import http

KEPT = 64


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


# By the options' identity: each endpoint keeps its options alive, so no other can have the same one meanwhile.
_built: dict[tuple[str, int], Endpoint] = {}


def build_endpoint(url: str, options: ClientOptions) -> Endpoint:
    """Return the endpoint of a server; the same one for the same arguments.

    Raises:
        ConfigError: the URL is none that a client can connect to.
    """
    endpoint = _built.get((url, id(options)))
    if endpoint is None:
        if len(_built) >= KEPT:
            _built.clear()
        endpoint = _built[url, id(options)] = _build(url, options)
    return endpoint


def _build(url: str, options: ClientOptions) -> Endpoint:
    address = parse_url(url)
    host = f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"
    return Endpoint(
        url=url,
        address=address,
        host=host,
        options=options,
        new_websocket=http.upgrade_request(build_target(options, "websocket"), host, options.headers),
    )

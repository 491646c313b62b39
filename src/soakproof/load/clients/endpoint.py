"""Where a client connects to: everything about it that is the same for each client, built once."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import msgspec

from soakproof.load.clients.peer import Peer, make_peer
from soakproof.load.options import ClientOptions
from soakproof.load.wire import http
from soakproof.load.wire.codec import Codec, choose_codec
from soakproof.serverurl import parse_url

KEPT = 64


class Endpoint(msgspec.Struct, frozen=True):
    """A Socket.IO server and how it is connected to; ``query``: its URL's and the options' together."""

    peer: Peer
    options: ClientOptions
    query: dict[str, str]
    codec: Codec
    new_websocket: bytes

    def target(self, transport: str, sid: str | None = None) -> str:
        """Return path and query of a request to the Engine.IO server."""
        return build_target(self.options.endpoint_path, self.query, transport, sid)

    def upgrade_request(self, sid: str | None) -> bytes:
        """Return the request that opens a WebSocket."""
        if sid is None:
            return self.new_websocket
        return http.upgrade_request(self.target("websocket", sid), self.peer.authority, self.options.headers)


def build_target(path: str, query: dict[str, str], transport: str, sid: str | None = None) -> str:
    """Return path and query of a request: the user's own parameters, protocol revision, transport and session."""
    fields = {**query, "EIO": "4", "transport": transport}
    if sid is not None:
        fields["sid"] = sid
    return f"/{path.strip('/')}/".replace("//", "/") + f"?{urlencode(fields)}"


def first_target(options: ClientOptions, query: dict[str, str]) -> str:
    """Return path and query of the request that opens a WebSocket: of Engine.IO's, or of a plain one as it is named."""
    if options.protocol == "socketio":
        return build_target(options.endpoint_path, query, "websocket")
    path = options.endpoint_path
    return f"/{path.lstrip('/')}" + (f"{'&' if '?' in path else '?'}{urlencode(query)}" if query else "")


Adapt = Callable[[ClientOptions], ClientOptions]


def unchanged(options: ClientOptions) -> ClientOptions:
    """Return the options as they are."""
    return options


# By the options' identity: they are kept beside the endpoint, so no others can have the same one meanwhile.
_built: dict[tuple[str, int, Adapt], tuple[ClientOptions, Endpoint]] = {}


def build_endpoint(url: str, options: ClientOptions, adapt: Adapt = unchanged) -> Endpoint:
    """Return the endpoint of a server for adapted options; the same one for the same arguments.

    ``adapt`` is called when it is built, and not for each client.

    Raises:
        ConfigError: the URL is none that a client can connect to.
    """
    kept = _built.get((url, id(options), adapt))
    if kept is None:
        if len(_built) >= KEPT:
            _built.clear()
        kept = _built[url, id(options), adapt] = options, _build(url, adapt(options))
    return kept[1]


def _build(url: str, options: ClientOptions) -> Endpoint:
    server = parse_url(url)
    query = {**server.query, **options.query}
    peer = make_peer(server, options)
    return Endpoint(
        peer=peer,
        options=options,
        query=query,
        codec=choose_codec(options.serializer),
        new_websocket=http.upgrade_request(first_target(options, query), peer.authority, options.headers),
    )

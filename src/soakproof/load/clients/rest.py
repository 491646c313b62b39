"""JSON over HTTP, for users that also call a server's REST routes. All users of a process share its connections."""

from __future__ import annotations

from typing import Any

import msgspec

from soakproof.load.clients.channel import HttpPool
from soakproof.load.clients.errors import StatusError
from soakproof.load.clients.hub import shared_hub
from soakproof.load.clients.peer import Peer, make_peer
from soakproof.load.options import ClientOptions
from soakproof.load.wire import http
from soakproof.serverurl import parse_url

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class Rest:
    """A server's REST routes."""

    def __init__(self, peer: Peer) -> None:
        self._host = peer.authority
        self._pool = HttpPool(shared_hub(), peer)

    def exchange(self, method: str, path: str, payload: Any, timeout_s: float) -> Any:
        """Return the JSON answer to a request with a JSON body; None for an answer without a body.

        Raises:
            StatusError: the status is 400 or above, or the answer is no JSON.
            ClientError: there was no answer.
        """
        body = None if payload is None else msgspec.json.encode(payload)
        response = self._pool.exchange(http.request(method, path, self._host, _JSON, body), timeout_s)
        if response.status >= 400:  # noqa: PLR2004  # RFC 9110, section 15: client's and server's errors
            raise StatusError(f"HTTP {response.status} {response.body[:120].decode(errors='replace')}")
        try:
            return msgspec.json.decode(response.body) if response.body else None
        except msgspec.DecodeError as error:
            raise StatusError(f"HTTP {response.status} without JSON: {response.body[:120]!r}") from error

    def close_idle(self) -> None:
        """Close the connections that no request uses."""
        self._pool.close_idle()


_shared: dict[str, Rest] = {}


def shared_rest(url: str, options: ClientOptions) -> Rest:
    """Return the REST routes of a server; the same for all users."""
    if url not in _shared:
        _shared[url] = Rest(make_peer(parse_url(url), options))
    return _shared[url]


def close_idle_rests() -> None:
    """Close all HTTP connections that no request uses: kept alive, they would be load at a rest point."""
    for rest in _shared.values():
        rest.close_idle()

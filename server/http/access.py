"""Who may see the server's inside: loopback, or whoever has the token."""

from __future__ import annotations

import hmac
import ipaddress
import os
from collections.abc import Iterable, Mapping
from typing import Any

TOKEN_ENV = "COLLAB_INTERNAL_TOKEN"  # noqa: S105 -- the name of a variable
_FORWARDED = {b"x-forwarded-for", b"x-real-ip", b"forwarded"}


class Access:
    """Decides by the peer's address; a header can only take that right away, never give it.

    A request that a proxy on this machine has forwarded comes from elsewhere, though its peer is loopback. A page of
    another origin that a browser on this machine has open is elsewhere too.
    """

    def __init__(self, token: str | None = None) -> None:
        self._token = token if token is not None else os.environ.get(TOKEN_ENV, "")

    def is_internal(self, scope: Mapping[str, Any], auth: object = None) -> bool:
        """Return whether an ASGI scope is of someone internal; ``auth`` is what came with a Socket.IO handshake."""
        headers = list(scope["headers"])
        shown = auth.get("internal_token") if isinstance(auth, dict) else None
        return self._is_token(shown) or self._is_bearer(headers) or self._is_local(scope, headers)

    def _is_bearer(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        values = (value.decode("latin-1") for name, value in headers if name.lower() == b"authorization")
        scheme, _, token = next(values, "").partition(" ")
        return scheme.lower() == "bearer" and self._is_token(token.strip())

    def _is_token(self, shown: object) -> bool:
        if not self._token or not isinstance(shown, str):
            return False
        return hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), self._token.encode())

    @staticmethod
    def _is_local(scope: Mapping[str, Any], headers: Iterable[tuple[bytes, bytes]]) -> bool:
        peer = scope.get("client")
        known = {name.lower(): value for name, value in headers}
        if not peer or not known.keys().isdisjoint(_FORWARDED) or not _is_same_origin(known):
            return False
        try:
            return ipaddress.ip_address(peer[0]).is_loopback
        except ValueError:
            return False


def _is_same_origin(headers: Mapping[bytes, bytes]) -> bool:
    origin = headers.get(b"origin")
    return origin is None or origin.partition(b"://")[2] == headers.get(b"host")

"""Who a client is: an identity this server has signed, not a name the client claims."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import Any

from server.problems import RefusedError

SECRET_ENV = "COLLAB_IDENTITY_SECRET"  # noqa: S105 -- the name of a variable
MAX_USER = 200


class Identities:
    """Signs and checks identities with HMAC-SHA256 (RFC 2104).

    A client without a token is somebody new: nobody else is the same. One that shows a token at the handshake is the
    same as all others that show it, on whichever connection. With ``COLLAB_IDENTITY_SECRET`` set, tokens outlive the
    process, hold on all workers, and can be made by whoever else knows the secret, such as a login service.
    """

    def __init__(self, secret: str | None = None) -> None:
        self._secret = (secret or os.environ.get(SECRET_ENV) or os.urandom(32).hex()).encode()

    def sign(self, owner: str) -> str:
        """Return the token that proves to be ``owner``."""
        return f"{owner}.{self._digest(owner)}"

    def verify(self, token: str) -> str:
        """Return whom a token proves to be. Raises RefusedError."""
        owner, _, digest = token.rpartition(".")
        expected = self._digest(owner).encode()
        if not owner or not hmac.compare_digest(digest.encode("utf-8", "surrogatepass"), expected):
            raise RefusedError("the token is not one of this server's; connect without one, or get a new one")
        return owner

    def identify(self, sid: str, auth: object) -> tuple[str, str | None]:
        """Return the identity of a new connection and the name it shows, or None yet.

        ``auth`` is what came with the handshake: nothing, or ``{token?, user_id?}``. Raises RefusedError.
        """
        claims: Mapping[str, Any] = {} if auth is None else auth if isinstance(auth, dict) else {"token": auth}
        token, user_id = claims.get("token"), claims.get("user_id")
        if user_id is not None and not (isinstance(user_id, str) and 0 < len(user_id) <= MAX_USER):
            raise RefusedError(f"auth.user_id: got {type(user_id).__name__}, need a text of 1 to {MAX_USER} characters")
        if token is None:
            return sid, user_id
        if not isinstance(token, str):
            raise RefusedError(f"auth.token: got {type(token).__name__}, need a text")
        owner = self.verify(token)
        return owner, owner

    def _digest(self, owner: str) -> str:
        return hmac.new(self._secret, owner.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

"""Options that are one client's own: placeholders filled in, and the cookies that it was given."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from soakproof.load.options import ClientOptions
from soakproof.load.visit.identity import Identity
from soakproof.load.visit.placeholders import find

COOKIE, AUTHORIZATION = "Cookie", "authorization"


def make_personal(options: ClientOptions, who: Callable[[], Identity], cookies: str | None) -> ClientOptions:
    """Return the options with a client's own values; the same object where it has none, so that much is built once."""
    filled = [options.auth, options.query, options.headers, options.path]
    if cookies is None and next(find(filled), None) is None:
        return options
    identity = who()
    auth, query, headers, path = identity.fill(filled)
    headers = with_cookies(headers, cookies)
    identity.keep_secret(*(value for name, value in headers.items() if name.lower() == AUTHORIZATION))
    return msgspec.structs.replace(options, auth=auth, query=query, headers=headers, path=path)


def with_cookies(headers: dict[str, str], cookies: str | None) -> dict[str, str]:
    """Return headers with cookies put to those they name already."""
    if not cookies:
        return headers
    named = next((name for name in headers if name.lower() == COOKIE.lower()), COOKIE)
    return {**headers, named: f"{headers[named]}; {cookies}" if named in headers else cookies}

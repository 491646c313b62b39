"""Headers on their way through the recorder: the server sees its own host, the client the recorder's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http.cookies import CookieError, SimpleCookie

from multidict import CIMultiDict, CIMultiDictProxy

# RFC 9110, section 7.6.1, and what the recorder says itself.
_HOP = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade", "host", "content-length",
})  # fmt: skip
# Answers shall be readable, and whole: not compressed, not "not modified".
_WHOLE = frozenset({"accept-encoding", "if-none-match", "if-modified-since", "if-range", "range"})
_HANDSHAKE = frozenset(
    {"sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions", "sec-websocket-protocol"}
)
_SAY_ORIGIN = frozenset({"origin", "referer"})


def to_server(headers: Mapping[str, str], recorder: str, server: str) -> CIMultiDict[str]:
    """Return a client's headers as the server is to see them; ``recorder`` and ``server`` are origins."""
    passed: CIMultiDict[str] = CIMultiDict()
    for name, value in headers.items():
        lowered = name.lower()
        if lowered not in _HOP | _WHOLE | _HANDSHAKE:
            passed.add(name, value.replace(recorder, server, 1) if lowered in _SAY_ORIGIN else value)
    passed["Accept-Encoding"] = "identity"
    return passed


def to_client(headers: CIMultiDictProxy[str], recorder: str, server: str) -> CIMultiDict[str]:
    """Return a server's headers as the client is to see them."""
    passed: CIMultiDict[str] = CIMultiDict()
    for name, value in headers.items():
        lowered = name.lower()
        if lowered in _HOP:
            continue
        if lowered in {"location", "access-control-allow-origin"}:
            value = value.replace(server, recorder, 1)  # noqa: PLW2901  # the same header, seen from the other side
        elif lowered == "set-cookie":
            value = "; ".join(_without_domain(value))  # noqa: PLW2901  # likewise: the recorder's host may be another
        passed.add(name, value)
    return passed


def read_cookies(values: list[str]) -> dict[str, str]:
    """Return cookies by name, of ``Cookie`` or ``Set-Cookie`` headers; what is no cookie is left out."""
    cookies: dict[str, str] = {}
    for value in values:
        try:
            cookies.update({name: morsel.value for name, morsel in SimpleCookie(value).items()})
        except CookieError:
            continue
    return cookies


def _without_domain(cookie: str) -> Iterator[str]:
    for part in cookie.split(";"):
        if not part.strip().lower().startswith("domain="):
            yield part.strip()

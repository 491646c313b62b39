"""How a client connects: one type for the command line, for users' classes and for both clients."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from soakproof.errors import ConfigError

Transport = Literal["websocket", "polling"]
ClientKind = Literal["lean", "reference"]
Serializer = Literal["default", "msgpack"]


class ClientOptions(msgspec.Struct, kw_only=True, frozen=True):
    """How a client connects and what it does first.

    ``transports``: the first is opened with; ``polling,websocket`` upgrades, as browsers do. ``joins``: events, with
    their payloads, that the built-in client calls (with ack) after connecting. ``refused_auth``: credentials that the
    server refuses, for the drop mode ``reject``. ``timeout_s`` bounds a connect and a call. ``client``: ``lean`` for
    load, ``reference`` for python-socketio's own. ``serializer``: how the server writes its packets, python-socketio's
    ``serializer``. ``ca``: a PEM file of the authority that signed an ``https://`` server's certificate, where the
    system does not know it; ``cert``: one with the certificate and the key to show a server that asks for them.
    """

    auth: Any = None
    namespace: str = "/"
    path: str = "/socket.io"
    transports: tuple[Transport, ...] = ("websocket",)
    joins: tuple[tuple[str, Any], ...] = ()
    refused_auth: Any = msgspec.field(default_factory=lambda: {"token": "refused"})
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    timeout_s: float = 10.0
    client: ClientKind = "lean"
    serializer: Serializer = "default"
    ca: str | None = None
    cert: str | None = None


def parse_transports(text: str) -> tuple[Transport, ...]:
    """Read ``websocket,polling``.

    Raises:
        ConfigError: an unknown transport, or none.
    """
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        transports = msgspec.convert(names, tuple[Transport, ...])
    except msgspec.ValidationError as error:
        raise ConfigError(f"--transports {text!r}: need websocket, polling or both, separated by a comma") from error
    if not transports:
        raise ConfigError("--transports: names none; need websocket, polling or both, separated by a comma")
    return transports


def parse_headers(texts: list[str]) -> dict[str, str]:
    """Read ``Name: value``, each; a name given twice has both values, cookies joined as browsers join them.

    Raises:
        ConfigError: one is no header.
    """
    headers: dict[str, str] = {}
    for text in texts:
        name, colon, value = (part.strip() for part in text.partition(":"))
        if not colon or not name or set(name) & set(' \t\r\n"(),/;<=>?@[\\]{}') or set(value) & set("\r\n\0"):
            raise ConfigError(f"--header {text!r}: need a name, a colon and a value, as in 'Cookie: session=abc'")
        if not value.isascii() and not _is_latin1(value):
            raise ConfigError(f"--header {text!r}: headers are Latin-1; need the value encoded, in percent escapes say")
        known = next((other for other in headers if other.lower() == name.lower()), name)
        joint = "; " if name.lower() == "cookie" else ", "
        headers[known] = f"{headers[known]}{joint}{value}" if known in headers else value
    return headers


def parse_query(texts: list[str]) -> dict[str, str]:
    """Read ``name=value``, each.

    Raises:
        ConfigError: one has no name, or no equals sign.
    """
    query: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ConfigError(f"--query {text!r}: need a name, an equals sign and a value, as in token=abc")
        query[name] = value
    return query


def _is_latin1(text: str) -> bool:
    return all(ord(character) < 256 for character in text)  # noqa: PLR2004  # what one byte can say

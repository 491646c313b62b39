"""How a client connects: one type for the command line, for users' classes and for both clients."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from soakproof.errors import ConfigError

Transport = Literal["websocket", "polling"]
ClientKind = Literal["lean", "reference"]


class ClientOptions(msgspec.Struct, kw_only=True, frozen=True):
    """How a client connects and what it does first.

    ``transports``: the first is opened with; ``polling,websocket`` upgrades, as browsers do. ``joins``: events, with
    their payloads, that the built-in client calls (with ack) after connecting. ``refused_auth``: credentials that the
    server refuses, for the drop mode ``reject``. ``timeout_s`` bounds a connect and a call. ``client``: ``lean`` for
    load, ``reference`` for python-socketio's own.
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


def parse_url(url: str) -> tuple[str, int]:
    """Return host and port of an ``http://`` URL.

    Raises:
        ConfigError: it is no such URL.
    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(f"--url {url!r}: {error}; need something like http://127.0.0.1:8000") from error
    if parts.scheme not in {"http", "ws"} or not host:
        raise ConfigError(
            f"--url {url!r}: need something like http://127.0.0.1:8000; TLS belongs in front of the server"
        )
    return host, port or 80

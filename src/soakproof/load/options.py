"""How a client connects: one type for the command line, for users' classes and for both clients."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

import msgspec

from soakproof.load.visit.login import Login
from soakproof.load.visit.placeholders import check, find
from soakproof.load.visit.take import Take

Transport = Literal["websocket", "polling"]
ClientKind = Literal["lean", "reference"]
Serializer = Literal["default", "msgpack"]
Protocol = Literal["socketio", "websocket"]
DEFAULT_PATHS: dict[Protocol, str] = {"socketio": "/socket.io", "websocket": "/"}


class ClientOptions(msgspec.Struct, kw_only=True, frozen=True):
    """How a client connects and what it does first.

    Attributes:
        auth: What it sends on connecting: JSON types.
        namespace: The Socket.IO namespace.
        protocol: What is spoken: Socket.IO, or messages over a plain WebSocket.
        path: The path of the Engine.IO endpoint, or of the WebSocket; "" for the protocol's usual one.
        transports: The first is opened with; ``("polling", "websocket")`` upgrades, as browsers do.
        joins: Events, with their payloads, that the built-in user calls (with ack) after connecting.
        messages: Texts, JSON among them, that it sends over a plain WebSocket; ``{"$bytes": BASE64}`` is binary.
        refused_auth: Credentials that the server refuses, for the drop mode ``reject``.
        query: Parameters of each request, besides those of the URL.
        headers: Headers of each request, cookies too.
        timeout_s: The longest that a connect or a call may take, in seconds.
        client: ``lean`` for load, ``reference`` for python-socketio's own.
        serializer: How the server writes its packets, python-socketio's ``serializer``.
        ca: PEM file of the authority that signed an ``https://`` server's certificate, where the system does not know
            it.
        cert: PEM file with the certificate and the key to show a server that asks for them.
        read_rate: Bytes a second that clients of the drop mode ``slow-reader`` read; 0 for none at all.
        pages: Got before the socket, in this order, with cookies kept.
        takes: What is taken from the answers: tokens.
        login: Posted before the socket, as soon as what it needs has been taken.

    `soakproof.load.visit.placeholders` says what may stand in braces in the texts of ``auth``, ``query``, ``headers``,
    ``path``, ``joins``, ``pages`` and ``login``.
    """

    auth: Any = None
    namespace: str = "/"
    protocol: Protocol = "socketio"
    path: str = ""
    transports: tuple[Transport, ...] = ("websocket",)
    joins: tuple[tuple[str, Any], ...] = ()
    messages: tuple[str, ...] = ()
    refused_auth: Any = msgspec.field(default_factory=lambda: {"token": "refused"})
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    timeout_s: float = 10.0
    client: ClientKind = "lean"
    serializer: Serializer = "default"
    ca: str | None = None
    cert: str | None = None
    read_rate: float = 0.0
    pages: tuple[str, ...] = ()
    takes: tuple[Take, ...] = ()
    login: Login | None = None

    @property
    def endpoint_path(self) -> str:
        """The path that is connected to."""
        return self.path or DEFAULT_PATHS[self.protocol]

    @property
    def is_introduced(self) -> bool:
        """Whether there is something to do before the socket."""
        return bool(self.pages or self.login or self.takes)

    def with_changes(self, changes: Mapping[str, Any]) -> ClientOptions:
        """Return these options with changes for one connection; those of ``query`` and ``headers`` are added."""
        if all(getattr(self, name) == value for name, value in changes.items()):
            return self  # so that what is built for it is built once
        added = {name: {**getattr(self, name), **changes[name]} for name in ("query", "headers") if name in changes}
        return msgspec.structs.replace(self, **{**changes, **added})

    def check_placeholders(self, yet_to_come: Collection[str] = ()) -> None:
        """Refuse placeholders that cannot be filled; ``yet_to_come`` are names that something may be taken under later.

        Raises:
            ConfigError: there is one.
        """
        login = [self.login.path, self.login.fields] if self.login else []
        texts = {
            "--auth": self.auth, "--query": self.query, "--header": self.headers, "--path": self.path,
            "--join": self.joins, "--message": self.messages, "--page": self.pages, "--login": login,
        }  # fmt: skip
        wanted = {str(each.argument) for each in find([*texts.values()]) if each.word == "taken"}
        taken = {take.name for take in self.takes} | wanted.intersection(yet_to_come)
        for option, value in texts.items():
            check(value, option, taken)

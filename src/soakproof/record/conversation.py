"""What client and server said to each other over one connection, whatever carried it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from soakproof.load.options import Protocol

Kind = Literal["emit", "call", "answer", "receive"]


@dataclass(slots=True)
class Happening:
    """One thing said.

    An event of the client's (``call`` where it wants an acknowledgement), the acknowledgement, or an event of the
    server's. Messages of plain WebSockets have no name. ``payload`` is as `SocketIOUser` has it.
    """

    at_s: float
    kind: Kind
    name: str
    payload: Any
    ack_id: int | None = None


@dataclass(slots=True)
class Conversation:
    """One connection, from its handshake to how the client left."""

    at_s: float
    protocol: Protocol
    path: str
    headers: dict[str, str]
    cookies: dict[str, str]
    transports: tuple[str, ...] = ("websocket",)
    namespace: str = "/"
    auth: Any = None
    sids: tuple[str, ...] = ()
    happenings: list[Happening] = field(default_factory=list)
    leaving: str = "close"
    left_out: list[str] = field(default_factory=list)

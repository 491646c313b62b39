"""What passed through the recorder, in the order it passed."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_BYTES = 4_000_000  # of one body that is kept: pages and answers are smaller, downloads are not looked into


@dataclass(slots=True)
class Exchange:
    """A request over HTTP and its answer; times in seconds since the recording began.

    ``path`` carries the query. ``headers`` are the client's, their names in lower case; ``cookies`` those it sent,
    ``given`` those that the answer set.
    """

    at_s: float
    method: str
    path: str
    headers: dict[str, str]
    cookies: dict[str, str]
    body: bytes
    status: int = 0
    answer_type: str = ""
    location: str | None = None
    answer: bytes = b""
    given: dict[str, str] = field(default_factory=dict)
    ended_s: float = 0.0

    @property
    def text(self) -> str:
        """The answer as text."""
        return self.answer.decode(errors="replace")


@dataclass(slots=True)
class Frame:
    """A message over a WebSocket: sent by the client, or by the server."""

    at_s: float
    is_sent: bool
    data: str | bytes


@dataclass(slots=True)
class Socket:
    """A WebSocket: its handshake, what was said, and how the client left (``close``, ``reset``; None: it did not)."""

    at_s: float
    path: str
    headers: dict[str, str]
    cookies: dict[str, str]
    frames: list[Frame] = field(default_factory=list)
    leaving: str | None = None


@dataclass(slots=True)
class Tape:
    """All that passed, and the ``origin`` of the server it went to."""

    origin: str
    exchanges: list[Exchange] = field(default_factory=list)
    sockets: list[Socket] = field(default_factory=list)
    fresh: dict[str, str] = field(default_factory=dict)  # pages by path, as another visitor is given them

"""What conductor and generator say to each other: JSON lines over a socket pair.

Not over standard output, since users' code may print. The end of the stream means that the other side is gone.
"""

from __future__ import annotations

import msgspec

from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order, Progress
from soakproof.samples import Tally


class Launch(msgspec.Struct, tag="launch", kw_only=True):
    """The first word to the generator: whom to load, with which users, in how many processes.

    ``workers``: Locust workers to start here. ``expect_workers``: how many there are to be in all, those of other hosts
    included, which connect to ``master_bind`` (``host:port``). ``ui_port``: where Locust's own page is to be served.
    """

    url: str
    locustfile: str | None
    options: ClientOptions
    workers: int = 0
    expect_workers: int = 0
    master_bind: str | None = None
    ui_port: int | None = None


class Aim(msgspec.Struct, tag="aim"):
    """Where the target turned out to listen, and how clients connect to it, from now on."""

    url: str
    options: ClientOptions


class Begin(msgspec.Struct, tag="begin"):
    """Carry out an order."""

    order: Order


class MemoryRow(msgspec.Struct, array_like=True):
    """A row of the memory tab, in words."""

    metric: str
    first: str
    now: str
    growth: str
    verdict: str


class Show(msgspec.Struct, tag="show"):
    """Show these rows in Locust's page from now on."""

    rows: list[MemoryRow]


class Ready(msgspec.Struct, tag="ready"):
    """The generator can take orders; ``page`` is where Locust's page is, if it is served."""

    page: str | None = None


class Refusal(msgspec.Struct, tag="refusal"):
    """The generator cannot begin: what was asked for is wrong (``is_usage``), the Locust file, or something else is."""

    sentence: str
    is_locustfile: bool
    is_usage: bool = False


class Status(msgspec.Struct, tag="status"):
    """How far the order is."""

    progress: Progress


class Done(msgspec.Struct, tag="done"):
    """The order is carried out; so many clients are still open: those that are held."""

    tally: Tally
    open: int


class Failed(msgspec.Struct, tag="failed"):
    """The order cannot be carried out."""

    sentence: str


ToGenerator = Launch | Aim | Begin | Show
FromGenerator = Ready | Refusal | Status | Done | Failed

_encode = msgspec.json.Encoder().encode
_decode_to: msgspec.json.Decoder[ToGenerator] = msgspec.json.Decoder(ToGenerator)
_decode_from: msgspec.json.Decoder[FromGenerator] = msgspec.json.Decoder(FromGenerator)


def to_line(message: ToGenerator | FromGenerator) -> bytes:
    """Return a message as one line."""
    return _encode(message) + b"\n"


def read_to_generator(line: bytes) -> ToGenerator:
    """Read one line on the generator's side."""
    return _decode_to.decode(line)


def read_from_generator(line: bytes) -> FromGenerator:
    """Read one line on the conductor's side."""
    return _decode_from.decode(line)


class Lines:
    """Cuts a stream of bytes into lines, whatever pieces it comes in."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that these bytes complete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return lines

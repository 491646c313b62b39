"""What the conductor asks of a load generator and is told by it: one interface for Locust and for a user's command."""

from __future__ import annotations

from typing import Protocol

import msgspec

from soakproof.samples import Phase, Tally


class Order(msgspec.Struct, kw_only=True, frozen=True):
    """One wave, steady phase or burst.

    A wave (``seconds`` is None) opens ``clients`` clients, lets each work once while all are open, and drops all.
    A steady phase opens and drops ``rate`` clients a second for ``seconds``, each of which stays ``stay_s``; its
    ``clients`` is how many arrive in all. A burst (``events`` is not None) has ``clients`` clients, connected by the
    first burst and kept, do ``events`` tasks between them; ``events`` 0 has them leave. ``drops`` weighs drop modes.
    With ``silent_first`` a wave's clients that leave without a word come first, and go as soon as they have worked.
    """

    index: int
    phase: Phase
    clients: int
    drops: dict[str, float]
    rate: float | None = None
    seconds: float | None = None
    stay_s: float = 1.0
    events: int | None = None
    silent_first: bool = False


class Progress(msgspec.Struct, kw_only=True):
    """How far the order is: clients opened so far, open now, and whether all are gone again."""

    opened: int = 0
    open: int = 0
    events: int = 0
    is_done: bool = False


class Load(Protocol):
    """A load generator, driven by the conductor one order at a time.

    ``patience_s``: if its progress has not changed for so long, it is stuck.
    """

    patience_s: float

    def start(self) -> None:
        """Launch it and wait until it can take orders. Raises LocustfileError or LoadError."""

    def begin(self, order: Order) -> None:
        """Begin an order; the one before must be done."""

    def progress(self) -> Progress:
        """Return how far it is, without waiting. Raises LoadError when the generator died."""

    def tally(self) -> Tally:
        """Return the account of an order that is done."""

    def stop(self) -> None:
        """Close all clients and end its processes, within 2 s; harmless when called twice."""

"""What the conductor asks of a load generator and is told by it: one interface for Locust and for a user's command."""

from __future__ import annotations

from typing import Protocol

import msgspec

from soakproof.load.options import ClientOptions
from soakproof.samples import Phase, Tally


class Order(msgspec.Struct, kw_only=True, frozen=True):
    """One wave, steady phase or burst.

    A wave (``seconds`` is None) opens ``clients`` clients, lets each work once while all are open, and drops all.
    A steady phase opens and drops ``rate`` clients a second for ``seconds``. A burst (``events`` is not None) has
    ``clients`` clients, connected by the first burst and kept, do ``events`` tasks between them.

    Attributes:
        index: Its number in the run, from 1.
        phase: The phase that it belongs to.
        clients: How many clients it opens in all, or holds.
        drops: Drop modes and their weights.
        rate: Clients opened per second; None for as fast as the generator opens a wave.
        seconds: How long a steady phase lasts.
        stay_s: How long each client of a steady phase stays, in seconds.
        events: Tasks of a burst, all clients together; 0 has them leave.
        silent_first: Whether a wave's clients that leave without a word come first, and go as soon as they have worked.
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
    """How far the order is: clients opened so far, open now, straining the server now; whether all are gone again."""

    opened: int = 0
    open: int = 0
    straining: int = 0
    events: int = 0
    is_done: bool = False


class Load(Protocol):
    """A load generator, driven by the conductor one order at a time.

    Attributes:
        patience_s: If its progress has not changed for so many seconds, it is stuck.
    """

    patience_s: float

    def start(self) -> None:
        """Launch it and wait until it can take orders.

        Raises:
            LocustfileError: The user's Locust file does not load.
            LoadError: It died, or did not get ready.
        """

    def aim(self, url: str, options: ClientOptions) -> None:
        """Have clients connect there, like this; the target has said where it is. Raises ConfigError, LoadError."""

    def begin(self, order: Order) -> None:
        """Begin an order; the one before must be done.

        Raises:
            ConfigError: It cannot carry out such an order.
            LoadError: It died.
        """

    def progress(self) -> Progress:
        """Return how far it is, without waiting.

        Raises:
            LoadError: It died, or cannot carry out the order.
        """

    def tally(self) -> Tally:
        """Return the account of an order that is done."""

    def stop(self) -> None:
        """Close all clients and end its processes, within 2 s; harmless when called twice."""

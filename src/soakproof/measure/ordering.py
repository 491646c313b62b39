"""Ordering: what the conductor asks of the load, made from the options; waves of clients, or bursts of held ones."""

from __future__ import annotations

from typing import NamedTuple

from soakproof.config import Config
from soakproof.load.orders import Order
from soakproof.samples import Phase, Wave

PULSE = 3


class UsualWave(NamedTuple):
    """What a wave of this run is: ``size`` in clients, or in events where clients are held."""

    size: int
    drops: dict[str, float]
    is_held: bool

    def denominator(self, wave: Wave) -> int:
        """Return what growth over a wave is divided by: its connections, or events where clients are held."""
        return max(1, wave.events if self.is_held else wave.opened)


def usual_wave(config: Config) -> UsualWave:
    """Return what the options say of a wave."""
    return UsualWave(config.wave_size(), config.drop, config.held)


class Orders:
    """Makes the orders of one run, numbered from 1.

    A wave's size is its clients. Where clients are held, it is the events that they send between them.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._index = 0

    def wave(self, phase: Phase, size: int | None = None, drops: dict[str, float] | None = None) -> Order:
        """Return an order for a wave or burst, as large as the options say or as is asked for here."""
        config = self._config
        size = config.wave_size() if size is None else size
        return Order(
            index=self._next(),
            phase=phase,
            clients=config.clients if config.held else size,
            events=size if config.held else None,
            drops=drops or config.drop,
            rate=config.open_rate,
            silent_first=config.silent_first,
        )

    def steady(self) -> Order:
        """Return an order for constant arrivals and departures."""
        config = self._config
        return Order(
            index=self._next(),
            phase="steady",
            clients=round(config.rate * config.steady_s()),
            drops=config.drop,
            rate=config.rate,
            seconds=config.steady_s(),
        )

    def pulse(self) -> Order:
        """Return an order for a few clients, or events: some servers only clean up when something happens."""
        return self.wave("drain", PULSE)

    def parting(self) -> Order:
        """Return an order for the held clients to leave."""
        return self.wave("drain", 0)

    def _next(self) -> int:
        self._index += 1
        return self._index

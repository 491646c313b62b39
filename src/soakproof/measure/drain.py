"""The drain: with nothing going on, containers are given the time to empty by themselves."""

from __future__ import annotations

from typing import Protocol

from soakproof.measure.soak import Soak

PULSE_EVERY_S = 10.0


class Draining(Protocol):
    """Tells by the counters, which are by metric, when a drain is over."""

    def is_empty(self, counters: dict[str, float]) -> bool:
        """Whether all has emptied."""

    def are_down(self, counters: dict[str, float]) -> bool:
        """Whether all counters have, whatever is open besides."""

    def has_fallen(self, before: dict[str, float], counters: dict[str, float]) -> bool:
        """Whether anything that is waited for has gone since the drain began."""

    def least_s(self, began_s: float, longest_s: float) -> float:
        """Return how long to wait, of the seconds that there are, where nothing goes."""


def drain(soak: Soak, seconds: float, draining: Draining) -> None:
    """Wait, with nothing going on, for containers to empty by themselves; then take the last rest point.

    Every `PULSE_EVERY_S` a few clients come and go, or do something, since some servers only clean up then. The wait is
    over when ``draining`` says that all is empty, or that nothing has gone for as long as it waits at least.
    """
    soak.announce("drain")
    started = soak.now()
    least_s, has_fallen = draining.least_s(started, seconds), False
    before = soak.counters()
    next_pulse_s = started + PULSE_EVERY_S
    while soak.now() - started < seconds:
        counters = soak.wait_a_moment(started)
        has_fallen = has_fallen or draining.has_fallen(before, counters)
        if draining.is_empty(counters) or (soak.now() - started > least_s and not has_fallen):
            break
        if soak.now() > next_pulse_s:
            soak.pulse()
            next_pulse_s = soak.now() + PULSE_EVERY_S
    soak.read_drained()


def linger(soak: Soak, seconds: float) -> None:
    """Wait with nobody coming at all, and read once more: who came in the drain may have left something too."""
    started = soak.now()
    while soak.now() - started < seconds:
        soak.wait_a_moment(started)
    soak.read_drained()

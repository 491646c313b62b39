"""Which way of leaving makes a leak: told by waves of one drop mode each, as far as their numbers allow."""

from __future__ import annotations

from typing import NamedTuple

from soakproof.late import stats

TRIGGER_SHARE = 0.5
CHANCE = 0.05
WANTED_ENTRIES = 8  # so many of one mode, and none of another, are no chance: (1 - 1/3)^8 < 5 %


class Growth(NamedTuple):
    """What a metric gained in a wave of one mode, and over how many connections."""

    gained: float
    connections: int

    @property
    def rate(self) -> float:
        """Growth per connection."""
        return self.gained / self.connections


def describe_trigger(by_mode: dict[str, Growth]) -> str | None:
    """Say which drop modes make the metric grow, in entries per connection; None when that cannot be told."""
    worst = max(by_mode.values(), key=lambda growth: growth.rate, default=Growth(0.0, 1))
    if worst.gained <= 0:
        return None
    guilty = {mode: growth for mode, growth in by_mode.items() if not is_innocent(growth, worst)}
    if any(growth.gained <= 0 for growth in guilty.values()):
        return None  # too few to tell chance from innocence
    if len(guilty) == len(by_mode):
        return f"every drop mode ({', '.join(guilty)})"
    rates = ", ".join(f"{mode} {growth.rate:+.2f}" for mode, growth in by_mode.items())
    return f"drop mode {', '.join(guilty)} (per connection: {rates})"


def is_innocent(growth: Growth, worst: Growth) -> bool:
    """Whether a mode surely makes less than half of what the worst does.

    Of what the two have gained together, a mode that makes half as much has a third, where their waves are of one size.
    So few by chance has a binomial probability.
    """
    part = TRIGGER_SHARE * growth.connections
    gained = max(round(growth.gained), 0)
    together = gained + round(worst.gained)
    return bool(stats.binom.cdf(gained, together, part / (part + worst.connections)) < CHANCE)

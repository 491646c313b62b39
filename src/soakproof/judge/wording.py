"""Numbers as findings say them."""

from __future__ import annotations

from soakproof.judge.slopes import Interval

MIB = 2.0**20


def say_rate(rate: float) -> str:
    """Return a rate with three digits that matter: 0, 1.00, 0.0103, 212."""
    if rate == 0:
        return "0"
    digits = 0 if abs(rate) >= 100 else 2 if abs(rate) >= 1 else 4  # noqa: PLR2004 - digits, not tunables
    return f"{rate:.{digits}f}"


def say_interval(interval: Interval) -> str:
    """Return a slope with its interval: 1.00 [0.98, 1.02]."""
    return f"{say_rate(interval.slope)} [{say_rate(interval.low)}, {say_rate(interval.high)}]"


def say_amount(value: float, unit: str) -> str:
    """Return a reading with its unit: 6,012 entries, 78.1 MiB."""
    return f"{value / MIB:,.1f} MiB" if unit == "bytes" else f"{value:,.0f} {unit}"


def say_unit(unit: str, *, is_held: bool) -> str:
    """Return the unit of a slope: entries per connection, bytes per event."""
    return f"{unit} per {'event' if is_held else 'connection'}"


def say_name(metric: str) -> str:
    """Return how a sentence names a metric: owners by themselves, all else with the kind that gives it its meaning."""
    kind, _, name = metric.partition(":")
    return name if kind in {"registry", "container", "type"} else metric

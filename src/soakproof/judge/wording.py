"""Numbers as findings say them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soakproof.judge.slopes import Interval
from soakproof.samples import CONTAINERS, Kind, Site

MIB = 2.0**20
INSTALLED = "/site-packages/"


def say_rate(rate: float) -> str:
    """Return a rate with three digits that matter: 0, 1.00, 0.0103, 212."""
    if rate == 0:
        return "0"
    digits = 0 if abs(rate) >= 100 else 2 if abs(rate) >= 1 else 4  # noqa: PLR2004 - digits, not tunables
    return f"{rate:.{digits}f}"


def say_little(rate: float) -> str:
    """Return a rate with the two digits that matter, however small: 0.00067, 0.000003."""
    return np.format_float_positional(rate, precision=2, fractional=False, trim="-")


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


def say_growing(kind: Kind) -> str:
    """Return the verb for what leaks: containers keep, everything else is only counted."""
    return "keeps" if kind in CONTAINERS else "gains"


def say_place(sites: Sequence[Site]) -> str:
    """Return the line to look at, as the end of a sentence; of a library's line the path within the library.

    Nothing where a handler's failure is to blame: the trigger, which follows, says where that is.
    """
    site = next(iter(sites), None)
    if site is None or site.role == "raises":
        return ""
    return f", at {site.file.rpartition(INSTALLED)[2]}:{site.line}"

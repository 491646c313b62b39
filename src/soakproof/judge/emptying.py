"""What empties as the target's clock leaps: when, by its own time, and how much of what is left is of those who came.

After each leap a few clients come and go, since some servers clean up only then. What they leave is young, and the
judge of a drain must not take it for what was never removed.
"""

from __future__ import annotations

from typing import NamedTuple

from soakproof.judge.bounds import drained_bound, level_before, little_bound
from soakproof.judge.series import Series
from soakproof.judge.verdict import Emptying
from soakproof.metrickinds import CONTAINERS
from soakproof.samples import Run

STILL_SHARE = 0.5
EMPTY_SHARE = 0.02
FEWEST_GAINED = 5.0


class Pulse(NamedTuple):
    """A few clients that came and went while the clock leapt: how long after the load's end, and how many."""

    at_s: float
    connections: int


class Emptied(NamedTuple):
    """When a metric emptied by the target's own time after the load's last connection, and what is left of it.

    It still held most at ``after_s``, and was empty at ``by_s``; None where it never was. ``last_s`` is the last look.
    ``fresh`` is how much of what is left the pulses may have brought, that came no longer than ``by_s`` before, the
    last in any case; of what never emptied, all of them. ``gained`` is what the load had left, ``level`` what was there
    before.
    """

    after_s: float
    by_s: float | None
    last_s: float
    fresh: float
    level: float
    gained: float


def find_emptied(series: Series, per_connection: float, pulses: list[Pulse]) -> Emptied | None:
    """Return when what the load had left emptied; None where no clock leapt, or it had left nothing to speak of."""
    if len(series.leapt) < 2 or not len(series.y):  # noqa: PLR2004  # before the leaps, and after
        return None
    each = max(per_connection, 0.0)
    level = level_before(series, each)
    gained = float(series.y[-1]) - level
    if gained < FEWEST_GAINED:
        return None
    after_s, by_s = series.leapt[0][0], None
    for since_s, value in series.leapt:
        came = sum(pulse.connections for pulse in pulses if pulse.at_s <= since_s)
        if value - level - each * came > EMPTY_SHARE * gained:
            by_s = None
            after_s = since_s if value - level >= STILL_SHARE * gained else after_s
        elif by_s is None:
            by_s = since_s
    last_s = series.leapt[-1][0]
    latest_s = max((pulse.at_s for pulse in pulses), default=0.0)  # since then nobody came for whom to clean up
    since_s = 0.0 if by_s is None else min(last_s - by_s, latest_s)
    young = sum(pulse.connections for pulse in pulses if pulse.at_s >= since_s)
    return Emptied(after_s, by_s, last_s, each * young, level, gained)


def left_bound(series: Series, per_connection: float, fresh: float, alpha: float) -> float:
    """Return the most that each connection can have left for good, where so much of what is left may be young."""
    assert series.drained is not None
    fresh = min(fresh, max(series.drained - level_before(series, max(per_connection, 0.0)), 0.0))
    aged = series.at_drain(series.drained - fresh)
    return drained_bound(aged, max(per_connection, 0.0), alpha) + fresh / series.x_end


def tell_emptying(
    series: Series, found: Emptied | None, per_connection: float, rate: float | None, run: Run
) -> Emptying | None:
    """Return what a finding says of a container that emptied: when, how much it holds at a rate, and who emptied it."""
    if found is None or found.by_s is None or series.kind not in CONTAINERS:
        return None
    info = run.metrics.get(series.metric)
    who = run.emptied.get((info.owner if info else None) or series.name)
    each = max(per_connection, 0.0)
    return Emptying(
        after_s=round(found.after_s, 1),
        by_s=round(found.by_s, 1),
        rate=rate,
        holds_at_most=round(little_bound(rate * each, found.by_s)) if rate else None,
        by=who.by if who else "",
        sites=who.sites if who else [],
    )

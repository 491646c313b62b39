"""What a leak comes to, in sentences: so much of each thousand connections, and how many of them fill the memory."""

from __future__ import annotations

from soakproof.judge.verdict import Extrapolation, MemoryGrowth, Verdict
from soakproof.samples import Run
from soakproof.wording.names import say_per
from soakproof.wording.numbers import say_bytes, say_confidence, say_seconds

HOUR_S = 3600.0
THOUSAND = 1000
DAY_HOURS = 24.0
YEAR_HOURS = 365 * DAY_HOURS
LIMITS = {"cgroup": "the container's limit", "machine": "the machine's memory"}


def say_extrapolations(run: Run, verdict: Verdict) -> list[str]:
    """Return a sentence on what a thousand connections leave, and one for the rate that was given."""
    growth = [_say_growth(verdict.memory_growth, say_per(run))] if verdict.memory_growth else []
    return [*growth, *(_say_by_day(extrapolation, say_per(run)) for extrapolation in verdict.extrapolations)]


def _say_growth(growth: MemoryGrowth, per: str) -> str:
    low, high = (THOUSAND * end for end in growth.bytes_per_connection_ci)
    interval = f"{say_confidence(growth.confidence)} interval {say_bytes(low)} to {say_bytes(high)}"
    left = say_bytes(THOUSAND * growth.bytes_per_connection)
    return f"Every 1,000 {per}s leave {left} behind ({interval}){_say_fill(growth, per)}."


def _say_fill(growth: MemoryGrowth, per: str) -> str:
    soonest, latest = growth.connections_to_limit_ci
    if growth.connections_to_limit is None or soonest is None or latest is None or growth.limit_bytes is None:
        return ""
    limit = _say_limit(growth.limit_source, growth.limit_bytes)
    return f"; {limit}, is full after {_say_about(soonest)} to {_say_about(latest)} more {per}s (--at-rate tells hours)"


def _say_about(count: float) -> str:
    """Return a large number with two digits that matter."""
    return f"{float(f'{count:.2g}'):,.0f}"


def _say_by_day(each: Extrapolation, per: str) -> str:
    low, high = each.bytes_per_day_ci
    interval = f"{say_confidence(each.confidence)} interval {say_bytes(low)} to {say_bytes(high)}"
    gains = f"the process gains {say_bytes(each.bytes_per_day)} a day ({interval})"
    return f"At {each.rate:,.3g} {per}s a second (given), {gains}{_say_hours(each)}."


def _say_hours(each: Extrapolation) -> str:
    soonest, latest = each.hours_to_limit_ci
    if each.hours_to_limit is None or each.limit_bytes is None:
        return ""
    span = f"{say_hours(soonest)} to {say_hours(latest)}"
    limit = _say_limit(each.limit_source, each.limit_bytes)
    return f" and fills {limit}, in {say_hours(each.hours_to_limit)} ({span})"


def _say_limit(source: str | None, limit_bytes: int) -> str:
    return f"{LIMITS[source or 'machine']}, {say_bytes(limit_bytes)}"


def say_hours(hours: float | None) -> str:
    """Return a long time as people say it: 40 min 10 s, 5 h 3 min, 2.5 days; never where there is none."""
    if hours is None:
        return "never"
    if hours < DAY_HOURS:
        return say_seconds(hours * HOUR_S)
    return f"{hours / DAY_HOURS:,.3g} days" if hours < YEAR_HOURS else "more than a year"

"""What a leak comes to, in sentences: so much a day, and so long until the memory is full."""

from __future__ import annotations

from soakproof.judge.verdict import Extrapolation, Verdict
from soakproof.samples import Run
from soakproof.wording.names import say_per
from soakproof.wording.numbers import say_bytes, say_confidence, say_seconds

HOUR_S = 3600.0
DAY_HOURS = 24.0
YEAR_HOURS = 365 * DAY_HOURS
LIMITS = {"cgroup": "the container's limit", "machine": "the machine's memory"}


def say_extrapolations(run: Run, verdict: Verdict) -> list[str]:
    """Return a sentence for the rate that was observed, and one for the rate that was given."""
    return [_say(extrapolation, say_per(run)) for extrapolation in verdict.extrapolations]


def _say(each: Extrapolation, per: str) -> str:
    rate = f"At {each.rate:,.3g} {per}s a second{' (given)' if each.is_given else ', as observed'},"
    low, high = each.bytes_per_day_ci
    if high <= 0:
        return f"{rate} the process does not grow measurably for now."
    interval = f"{say_confidence(each.confidence)} interval {say_bytes(max(low, 0))} to {say_bytes(high)}"
    if each.bytes_per_day <= 0 or low <= 0:
        return f"{rate} the process gains at most {say_bytes(high)} a day ({interval}){_say_earliest(each)}."
    return f"{rate} the process gains {say_bytes(each.bytes_per_day)} a day ({interval}){_say_hours(each)}."


def _say_hours(each: Extrapolation) -> str:
    soonest, latest = each.hours_to_limit_ci
    if each.hours_to_limit is None or each.limit_source is None:
        return ""
    span = f"{say_hours(soonest)} to {say_hours(latest)}"
    return f" and fills {_say_limit(each)} in {say_hours(each.hours_to_limit)} ({span})"


def _say_earliest(each: Extrapolation) -> str:
    soonest = each.hours_to_limit_ci[0]
    return "" if soonest is None else f" and fills {_say_limit(each)} in {say_hours(soonest)} at the earliest"


def _say_limit(each: Extrapolation) -> str:
    return f"{LIMITS[each.limit_source or 'machine']}, {say_bytes(each.limit_bytes or 0)},"


def say_hours(hours: float | None) -> str:
    """Return a long time as people say it: 40 min 10 s, 5 h 3 min, 2.5 days; never where there is none."""
    if hours is None:
        return "never"
    if hours < DAY_HOURS:
        return say_seconds(hours * HOUR_S)
    return f"{hours / DAY_HOURS:,.3g} days" if hours < YEAR_HOURS else "more than a year"

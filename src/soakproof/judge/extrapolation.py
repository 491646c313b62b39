"""What a leak comes to outside the test: bytes per day, and hours until the memory that the server may have is full."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from soakproof.judge.verdict import Extrapolation, Finding
from soakproof.samples import Culprit, Lines, Rules, Run, Site, Wave

DAY_S = 86_400.0
HOUR_S = 3_600.0
GROWING = ("process:uss", "heap:in_use_bytes", "process:rss")  # the first that was measured; RSS keeps the peaks
TRACED = "traced"
LARGEST_BLOCK_BYTES = 512  # of pymalloc; what is larger is malloc's, and no block
FILLING = "process:rss"  # what a container's limit counts


def extrapolate(run: Run, findings: Sequence[Finding], rules: Rules) -> list[Extrapolation]:
    """Return what the growth comes to at the rate that was observed, and at the one that was asked for.

    Of the whole process, all leaks together; or by what the leak was seen to allocate, where that is more: in a short
    run, what leaks finds room in the pages that the peak has left free. Nothing where no memory was fitted.
    """
    by_metric = {finding.metric: finding for finding in findings}
    memory = next((by_metric[metric] for metric in GROWING if metric in by_metric), None)
    if memory is None or memory.ci == (0.0, 0.0):
        return []
    growth = Growth(memory.metric, memory.per_connection, memory.ci, memory.confidence)
    blocks = by_metric.get("heap:blocks")
    traced = traced_growth(run, findings[0], blocks.per_connection if blocks else math.inf)
    if traced is not None and traced.slope > growth.slope:
        growth = traced
    used = by_metric.get(FILLING, memory).last
    rates = [(observed_rate(run), False), *([(rules.at_rate, True)] if rules.at_rate else [])]
    return [_extrapolate(growth, used, rate, run, is_given=is_given) for rate, is_given in rates if rate > 0]


class Growth(NamedTuple):
    """Bytes per connection with their interval, and where they were read."""

    metric: str
    slope: float
    ci: tuple[float, float]
    confidence: float


def traced_growth(run: Run, leak: Finding, blocks: float) -> Growth | None:
    """Return what the second pass saw the leak's own files allocate and keep, as uncertain as the leak's count is.

    The two traced waves also keep what fills for the first time. So of small allocations no more is believed to stay
    than ``blocks`` of the interpreter's memory per connection, which all rest points tell.

    None where nothing was traced, or the leak is no count.
    """
    culprit = leak.culprit
    if run.lines is None or culprit is None or leak.unit == "bytes" or leak.per_connection <= 0:
        return None
    sites = _leaking_sites(leak, culprit, run.lines)
    count = sum(site.per_connection for site in sites)
    slope = sum(site.per_connection_bytes for site in sites)
    if 0 < blocks < count and slope <= count * LARGEST_BLOCK_BYTES:
        slope *= blocks / count
    low, high = (max(end, 0.0) * slope / leak.per_connection for end in leak.ci)
    return Growth(TRACED, slope, (low, high), leak.confidence) if slope > 0 else None


def _leaking_sites(leak: Finding, culprit: Culprit, lines: Lines) -> list[Site]:
    """Return the lines of a leak's own files; of what nothing holds the first alone, for the rest are candidates."""
    if leak.kind in {"heap", "blocks"}:
        return culprit.sites[:1]
    files = {site.file for site in culprit.sites}
    return [site for site in lines.sites if site.file in files]


def observed_rate(run: Run) -> float:
    """Return the connections per second of the measured waves (events per second, when clients are held)."""
    waves = [wave for wave in run.waves if wave.phase in {"wave", "held", "steady"}]
    if run.header.plan.is_held:
        return sum(wave.events for wave in waves) / max(sum(map(_lasted_s, waves)), 1.0)
    weight = sum(wave.intended for wave in waves)
    return sum(wave.rate_achieved * wave.intended for wave in waves) / max(weight, 1)


def _lasted_s(wave: Wave) -> float:
    return wave.t_end_s - wave.t_start_s


def _extrapolate(growth: Growth, used_bytes: float, rate: float, run: Run, *, is_given: bool) -> Extrapolation:
    low, high = growth.ci
    limit = run.header.target.memory_limit
    free = max(limit.limit_bytes - used_bytes, 0.0) if limit else None
    return Extrapolation(
        rate=round(rate, 3),
        is_given=is_given,
        metric=growth.metric,
        bytes_per_day=growth.slope * rate * DAY_S,
        bytes_per_day_ci=(low * rate * DAY_S, high * rate * DAY_S),
        confidence=growth.confidence,
        limit_bytes=limit.limit_bytes if limit else None,
        limit_source=limit.source if limit else None,
        hours_to_limit=_hours(free, growth.slope * rate),
        hours_to_limit_ci=(_hours(free, high * rate), _hours(free, low * rate)),
    )


def _hours(free_bytes: float | None, bytes_per_s: float) -> float | None:
    """Return when so much is filled; None for never, or where no limit is known."""
    return None if free_bytes is None or bytes_per_s <= 0 else free_bytes / bytes_per_s / HOUR_S

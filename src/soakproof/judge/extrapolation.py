"""What a leak comes to outside the test: bytes per connection, and per day at a given rate; when memory is full.

A soak opens as many connections a second as it can, so its own rate says nothing of a service's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from soakproof.culprits import Culprit, Site
from soakproof.judge.verdict import Extrapolation, Finding, MemoryGrowth
from soakproof.metrickinds import LARGEST_BLOCK_BYTES, USED_BY_C
from soakproof.plans import MemoryLimit, Rules
from soakproof.samples import Lines, Run

DAY_S = 86_400.0
HOUR_S = 3_600.0
# The first that was measured; RSS keeps the peaks.
GROWING = ("process:uss", *USED_BY_C, "process:rss")
TRACED = "traced"
FILLING = "process:rss"  # what a container's limit counts


def measure_growth(run: Run, findings: Sequence[Finding]) -> MemoryGrowth | None:
    """Return the bytes that leaks keep per connection, None where they may be none: of that nothing is foretold.

    Of the whole process, all leaks together; or by what the leak was seen to allocate, where that is more: in a short
    run, what leaks finds room in the pages that the peak has left free. None where no memory was fitted.
    """
    by_metric = {finding.metric: finding for finding in findings}
    memory = next((by_metric[metric] for metric in GROWING if metric in by_metric), None)
    if memory is None or memory.ci == (0.0, 0.0):
        return None
    growth = Growth(memory.metric, memory.per_connection, memory.ci, memory.confidence)
    blocks = by_metric.get("heap:blocks")
    traced = traced_growth(run, findings[0], blocks.per_connection if blocks else math.inf)
    if traced is not None and traced.slope > growth.slope:
        growth = traced
    used = by_metric.get(FILLING, memory).last
    return _with_limit(growth, used, run.header.target.memory_limit) if growth.ci[0] > 0 else None


def extrapolate(growth: MemoryGrowth | None, rules: Rules) -> list[Extrapolation]:
    """Return what the growth comes to by the day at the rate that was given, if one was."""
    if growth is None or not rules.at_rate:
        return []
    rate, (low, high) = rules.at_rate, growth.bytes_per_connection_ci
    soonest, latest = growth.connections_to_limit_ci
    return [
        Extrapolation(
            rate=round(rate, 3),
            is_given=True,
            metric=growth.metric,
            bytes_per_day=growth.bytes_per_connection * rate * DAY_S,
            bytes_per_day_ci=(low * rate * DAY_S, high * rate * DAY_S),
            confidence=growth.confidence,
            limit_bytes=growth.limit_bytes,
            limit_source=growth.limit_source,
            hours_to_limit=_hours(growth.connections_to_limit, rate),
            hours_to_limit_ci=(_hours(soonest, rate), _hours(latest, rate)),
        )
    ]


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


def _with_limit(growth: Growth, used_bytes: float, limit: MemoryLimit | None) -> MemoryGrowth:
    low, high = growth.ci
    free = max(limit.limit_bytes - used_bytes, 0.0) if limit else None
    return MemoryGrowth(
        metric=growth.metric,
        bytes_per_connection=growth.slope,
        bytes_per_connection_ci=growth.ci,
        confidence=growth.confidence,
        limit_bytes=limit.limit_bytes if limit else None,
        limit_source=limit.source if limit else None,
        connections_to_limit=_connections(free, growth.slope),
        connections_to_limit_ci=(_connections(free, high), _connections(free, low)),
    )


def _connections(free_bytes: float | None, bytes_each: float) -> float | None:
    """Return how many fill so much; None where no limit is known."""
    return None if free_bytes is None else free_bytes / bytes_each


def _hours(connections: float | None, rate: float) -> float | None:
    """Return in how many hours so many come."""
    return None if connections is None else connections / rate / HOUR_S

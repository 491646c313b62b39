"""Rules for bytes: they drift on every healthy server, so they convict only strictly, and with the counts flat."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from soakproof.culprits import Memory
from soakproof.judge.bounds import level_before
from soakproof.judge.case import CACHED_PER_THREAD_BYTES, FAR_LESS, FEWEST_POINTS, FULL_CACHE_BYTES, Case, Ruling
from soakproof.judge.codes import Doubt, Rule
from soakproof.metrickinds import CACHED, ELSEWHERE

STRICT_CONFIDENCE = 0.98
STRICT_MARGINS = 3
STRICT_POINTS = 8
HIGH_WATER_SHARE = 0.9
IN_USE_SHARE = 0.5
SURE = 2  # standard deviations
MAD_TO_SD = 1.4826  # of normally distributed noise


def cached(case: Case) -> Ruling | None:
    """Acquit what a library caches up to a bound of its own: the agent counts no more of it than that."""
    if case.series.metric != CACHED:
        return None
    return Ruling("bounded", Rule.LIBRARY_CACHE, {"held": case.series.last}, is_deciding=False)


def flat(case: Case) -> Ruling | None:
    """Acquit when the bootstrap interval lies inside the margin."""
    interval = case.interval
    if not (-case.margin <= interval.low and interval.high <= case.margin):
        return None
    mark = {"high_water": case.series.peak} if is_high_water(case) else {}
    return Ruling("bounded", Rule.SLOPE, mark, is_deciding=False)


def in_use(case: Case) -> Ruling | None:
    """Acquit what C has in use when no more can have come than malloc may keep for the threads, or it falls.

    Like a count it has a second chance in its later half, at half of the error rate: much is taken early, and once.
    """
    if not case.is_in_use or case.points < FEWEST_POINTS:
        return None
    if case.interval.high <= case.bar:
        rule = Rule.FALLS if case.interval.high < 0 else Rule.SLOPE
        return Ruling("bounded", rule, case.asked_margin if rule == Rule.SLOPE else {})
    later = case.interval_of(case.tail, 1 - case.alpha) if case.tail else case.interval
    if later.high > case.bar or case.tail is None:
        return None
    flat_since = {"slope": later.slope, "low": later.low, "high": later.high, "points": float(len(case.tail.x))}
    return Ruling("bounded", Rule.PLATEAU, flat_since, float(case.tail.y.max()))


def given_back(case: Case) -> Ruling | None:
    """Acquit the C heap in use when the drain has brought it back: the tables of what lingers are in it.

    What is left over the level before the load, and twice what the readings scatter by, would have to come of each
    connection alike.
    """
    series, slope = case.series, max(case.interval.slope, 0.0)
    if not case.is_in_use or series.drained is None or case.points < FEWEST_POINTS:
        return None
    offsets = series.y - slope * series.x
    scatter = MAD_TO_SD * float(np.median(np.abs(offsets - np.median(offsets))))
    left = series.drained - level_before(series, slope) + SURE * scatter
    before = float(series.y[-1])
    if left > case.bar * series.x_end or series.drained > before - SURE * scatter:
        return None
    return Ruling("bounded", Rule.LINGERING, {"fell_from": before, "at_most": left / series.x_end})


def drained_again(case: Case) -> Ruling | None:
    """Acquit what C has in use of which two drains, with a load between them, left as much.

    Two readings tell nothing of what they scatter by: half of the margin is left to that.
    """
    between = between_drains(case)
    if between is None or abs(between.gained) > between.bar:
        return None
    at_most = abs(between.gained) + case.margin / 2
    return Ruling("bounded", Rule.DRAINED_AGAIN, {"at_most": at_most, "of": between.of, "left_once": between.left_once})


class BetweenDrains(NamedTuple):
    """What a second drain left over the first: of how many connections, by how much per connection, and what tells.

    ``bar`` is what separates a leak from none, in bytes per connection: as `Case.bar`, but over these connections.
    """

    of: float
    left_once: float
    gained: float
    bar: float


def between_drains(case: Case) -> BetweenDrains | None:
    """Compare the readings of two drains; None where there are none, or none that is counted exactly."""
    once, last = case.series.drained_once, case.series.drained
    if not case.is_in_use or once is None or last is None or case.series.x_end <= once.x:
        return None
    of = case.series.x_end - once.x
    return BetweenDrains(of, once.left, (last - once.left) / of, case.bar_over(of))


def is_held_by_tables(case: Case, limit: float) -> bool:
    """Whether what has grown may be the tables of what went in the drain, or the pages of its entries."""
    if not case.has_lingered:
        return False
    between = between_drains(case)
    return between is None or between.gained - between.bar / 2 <= max(limit, between.bar)


def native(case: Case) -> Ruling | None:
    """Convict bytes that rise steadily while no count does: memory that Python does not see, or things that swell.

    Healthy servers drift by 64 ± 39 bytes of RSS per connection, most of it early. So the lower end of a 98 % interval
    must be above three margins, and the later half must still rise by as much; what is counted to the byte has but the
    bar to pass, or it would be neither bounded nor a leak for ever. RSS never convicts: it keeps the peaks.
    Nor does what the caches of the threads may hold, nor USS of which less than half is in use by anybody, nor what the
    drain has taken back for the most part. Where containers emptied in the drain, their tables had grown with them over
    the waves, and stay, as do the pages of their entries: then only what a second drain leaves in use over the first
    convicts.
    """
    limit = case.bar if case.is_exact else STRICT_MARGINS * case.margin
    if case.series.name == "rss" or not case.are_counts_flat or case.points < STRICT_POINTS or may_be_cached(case):
        return None
    strict = case.interval_of(case.series, STRICT_CONFIDENCE)
    if min(strict.low, case.tail_slope) <= limit or is_not_in_use(case) or is_taken_back(case, strict.low):
        return None
    if is_held_by_tables(case, limit):
        return None
    is_outside = case.series.kind == "process" or case.series.metric == ELSEWHERE
    usual: Memory = "native" if is_outside else "unsettled"
    return Ruling("leak", Rule.NATIVE, memory=case.memory or usual)


def is_not_in_use(case: Case) -> bool:
    """Whether a process gains memory that nobody has asked the C heap for, while every count stands still.

    That is what the allocator holds free, and the stacks of threads that come and go.
    """
    if case.series.kind != "process" or case.in_use is None:
        return False
    return case.in_use < IN_USE_SHARE * case.interval.slope


def is_taken_back(case: Case, slope: float) -> bool:
    """Whether far less was left by the drain, over what stood there before anybody came, than such growth would leave.

    A process keeps pages that it has no use for: of what it gains, only what is in use tells.
    """
    left, before = case.series.drained, case.series.unloaded
    if not case.is_in_use or left is None or before is None:
        return False
    return left - before <= FAR_LESS * slope * case.series.x_end


def may_be_cached(case: Case) -> bool:
    """Whether the growth is no more than the allocator may have kept for the threads (docs/adr/0017).

    glibc's malloc keeps freed chunks in a cache per thread, counts them as in use, and trims none of them. Up to what
    all caches can hold when they are full, it is they where the growth fades.
    """
    growth = case.interval.slope * case.span
    if growth <= CACHED_PER_THREAD_BYTES * case.threads:
        return True
    return growth <= FULL_CACHE_BYTES * case.threads and case.is_fading


def high_water(case: Case) -> Ruling | None:
    """Name the allocator's high-water mark: the process stays near its peak though what it holds is back."""
    if not is_high_water(case):
        return None
    return Ruling("inconclusive", Rule.HIGH_WATER, is_deciding=False)


def is_high_water(case: Case) -> bool:
    """Whether a process keeps nearly all it ever had, with every count flat."""
    series = case.series
    return series.kind == "process" and case.are_counts_flat and series.last >= HIGH_WATER_SHARE * series.peak


def undecided_bytes(case: Case) -> Ruling:
    """Leave open bytes that a short run does not settle.

    The verdict waits for the C heap in use where it rather grows than not. Where it goes up and down, by large messages
    that come and go, the verdict says by how much it may grow, in its resolution.
    """
    least = case.bar if case.series.metric == ELSEWHERE else 0.0  # pages come by the pool
    if case.is_in_use and case.are_counts_flat and case.interval.low > least:
        return Ruling("inconclusive", Rule.UNDECIDED, case.asked_margin, doubt=Doubt.AT_THE_MARGIN)
    values = {"tail_slope": case.tail_slope}
    if not case.are_counts_flat:
        doubt = Doubt.FOLLOWS_COUNTS
    elif case.interval.low > case.margin and may_be_cached(case):
        doubt, values["threads"] = Doubt.THREAD_CACHES, case.threads
    elif case.interval.low > case.margin and is_not_in_use(case):
        doubt = Doubt.NOT_IN_USE
    else:
        doubt = Doubt.COUNTS_DECIDE
    return Ruling("inconclusive", Rule.UNDECIDED, values, is_deciding=False, doubt=doubt)


BYTE_RULES = (cached, flat, in_use, given_back, drained_again, native, high_water, undecided_bytes)

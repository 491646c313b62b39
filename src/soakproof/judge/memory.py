"""Rules for bytes: they drift on every healthy server, so they convict only strictly, and with the counts flat."""

from __future__ import annotations

from soakproof.judge.case import Case, Ruling
from soakproof.judge.wording import say_amount, say_rate

STRICT_CONFIDENCE = 0.98
STRICT_MARGINS = 3
STRICT_POINTS = 8
HIGH_WATER_SHARE = 0.9
CACHED_PER_THREAD_BYTES = 32 * 1024


def flat(case: Case) -> Ruling | None:
    """Acquit when the bootstrap interval lies inside the margin."""
    interval = case.interval
    if not (-case.margin <= interval.low and interval.high <= case.margin):
        return None
    mark = f"; {say_high_water(case)}" if is_high_water(case) else ""
    return Ruling("bounded", "slope", f"{case.say_slope()}, inside {case.say_margin('±')}{mark}", is_deciding=False)


def native(case: Case) -> Ruling | None:
    """Convict bytes that rise steadily while no count does: memory that Python does not see, or things that swell.

    Healthy servers drift by 64 ± 39 bytes of RSS per connection, most of it early. So the lower end of a 98 % interval
    must be above three margins, and the later half must still rise by as much. RSS never convicts: it keeps the peaks.
    Nor does what the caches of the threads may hold.
    """
    limit = STRICT_MARGINS * case.margin
    if case.series.name == "rss" or not case.are_counts_flat or case.points < STRICT_POINTS or may_be_cached(case):
        return None
    strict = case.interval_of(case.series, STRICT_CONFIDENCE)
    if min(strict.low, case.tail_slope) <= limit:
        return None
    usual = "native memory" if case.series.kind == "process" else "objects that swell, or native memory"
    what = case.nature or usual
    reason = f"gains {case.say_slope()} while objects and blocks are flat: {what}"
    return Ruling("leak", "native", reason)


def may_be_cached(case: Case) -> bool:
    """Whether the growth is no more than the allocator may have kept for the threads (docs/adr/0017).

    glibc's malloc keeps freed chunks in a cache per thread, counts them as in use, and trims none of them.
    """
    gained = case.interval.slope * float(case.series.x[-1] - case.series.x[0])
    return gained <= CACHED_PER_THREAD_BYTES * case.threads


def high_water(case: Case) -> Ruling | None:
    """Name the allocator's high-water mark: the process stays near its peak though what it holds is back."""
    if not is_high_water(case):
        return None
    return Ruling("inconclusive", "high-water", f"{say_high_water(case)} ({case.say_slope()})", is_deciding=False)


def is_high_water(case: Case) -> bool:
    """Whether a process keeps nearly all it ever had, with every count flat."""
    series = case.series
    return series.kind == "process" and case.are_counts_flat and series.last >= HIGH_WATER_SHARE * series.peak


def say_high_water(case: Case) -> str:
    """Return the mark and the last reading."""
    peak, last = say_amount(case.series.peak, "bytes"), say_amount(case.series.last, "bytes")
    return f"high-water, not a leak: peak {peak}, last {last}, while objects and blocks are flat"


def undecided_bytes(case: Case) -> Ruling:
    """Report bytes that a short run leaves open; the counts decide."""
    later = f"{say_rate(case.tail_slope)} in the later half"
    if not case.are_counts_flat:
        why = "bytes follow the counts, which grow"
    elif case.interval.low > case.margin and may_be_cached(case):
        why = f"no more than malloc may cache for {case.threads:,.0f} threads"
    else:
        why = "bytes stay undecided, the counts decide"
    reason = f"{case.say_slope()}, {later}: {why}"
    return Ruling("inconclusive", "undecided", reason, is_deciding=False)


BYTE_RULES = (flat, native, high_water, undecided_bytes)

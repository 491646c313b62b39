"""The rules, in the order in which they are asked; the first that has something to say decides.

Each takes a `Case` and returns a `Ruling`, or None to pass. What acquits by proof comes before what convicts, because
the proofs hold whatever the slope is: a registry that is empty after the drain has leaked nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from soakproof.judge.bounds import ONE_IN_A_THOUSAND, drained_bound, gained_bound, little_bound
from soakproof.judge.case import FEWEST_POINTS, TOTALS, Case, Ruling
from soakproof.judge.codes import Doubt, Rule
from soakproof.judge.emptying import left_bound
from soakproof.judge.memory import BYTE_RULES
from soakproof.judge.slopes import poisson_limits

Decide = Callable[[Case], Ruling | None]

LATE_SHARE = 0.99
SUMS = ("heap:blocks", "map:file_bytes", "map:shared_bytes")
LEFT_SHARE = 0.9
STEADY_SHARE = 0.6
RULE_OF_THREE = 3  # of none in n, at most 3/n at 95 %


def too_few(case: Case) -> Ruling | None:
    """Say so when there are fewer points than any interval needs."""
    if case.points >= FEWEST_POINTS:
        return None
    values = {"points": float(case.points), "needed": float(FEWEST_POINTS)}
    return Ruling("inconclusive", Rule.TOO_FEW, values, is_deciding=not case.series.is_bytes)


def never_again(case: Case) -> Ruling | None:
    """Convict tasks of which it is proven, one by one, that they will never run again, once there are more and more.

    One wave is enough. Of held clients it proves nothing: whatever waits for them is cancelled when they leave.
    """
    proof = case.never_again
    if proof is None or case.is_held or not proof.is_growing or proof.gained < case.margin * case.series.x_end:
        return None
    values = {"gained": proof.gained, "of": case.series.x_end, "dead": proof.dead, "looked_at": proof.looked_at}
    return Ruling("leak", Rule.NEVER_AGAIN, values)


def within_items(case: Case) -> Ruling | None:
    """Hold a container to the most entries it may have; within them it may grow.

    No container exceeds its own maxlen: where more was counted, there are several of them now under one owner (an
    attribute of many objects), and what bounds each bounds nothing.
    """
    limit = case.bound.max_items if case.bound else None
    if limit is None:
        return None
    is_declared = case.bound is not None and case.bound.source == "declared"
    rule = Rule.DECLARED_BOUND if is_declared else Rule.OWN_BOUND
    peak = case.series.process_peak
    if peak > limit and not is_declared:
        return None
    return Ruling("bounded" if peak <= limit else "leak", rule, {"held": peak}, limit)


def retained_for_good(case: Case) -> Ruling | None:
    """Acquit what holds too little for any leak, whatever its slope: what is left for good would still be there."""
    if case.series.kind in {"heap", "blocks"} or case.is_hoarding or case.retained > case.margin:
        return None
    of = case.series.x_end
    at_most = case.retained if case.series.last else RULE_OF_THREE / of
    return Ruling("bounded", Rule.RETAINED_FOR_GOOD, {"of": of, "at_most": at_most}, case.little, lingers(case))


def within_ttl(case: Case) -> Ruling | None:
    """Convict a registry with a declared time-to-live that holds more than Little's law allows, and does not drain."""
    if case.bound is None or case.bound.ttl_s is None or case.little is None or not len(case.readings.steady):
        return None
    held = float(np.quantile(case.readings.steady, LATE_SHARE))
    if held <= case.little:
        return None
    values = {"held": held, "ttl_s": case.bound.ttl_s, "rate": case.readings.rate or 0.0}
    return Ruling("leak", Rule.LITTLES_LAW, values, case.little)


def within_margin(case: Case) -> Ruling | None:
    """Acquit when the interval's upper end is inside the margin: of what may fall as well, less is asked nowhere.

    Where waves are too small to resolve the margin, what they do resolve stands in its place: then a total of the
    process can be acquitted of no less than would convict it.
    """
    interval = case.interval
    if interval.high > case.bar:
        return None
    if interval.slope < -case.bar:
        return Ruling("bounded", Rule.FALLS, bound=case.little)
    still = {} if case.is_moving else {"still_at": case.series.last}
    return Ruling("bounded", Rule.SLOPE, still | case.asked_margin, case.little)


def drained(case: Case) -> Ruling | None:
    """Acquit what grew, or went up and down, and was back at its level when nothing connected any more: it lingers.

    The level of what grew, and is counted one by one, is the one that was read before the load. That of a line through
    the rest points is no proof: where all stay for a while and some for good, the line begins at as much as lingers. Of
    totals, to which the first clients add for good, the line is all there is.
    """
    if case.series.drained is None:
        return None
    left = drained_bound(case.series, max(case.interval.slope, 0.0), case.alpha)
    if case.interval.slope > case.bar:
        left = max(left, left_over_unloaded(case))
    if left > case.bar:
        return None
    before = float(case.series.y[-1])
    fell = {"fell_from": before} if before > case.series.drained else {}
    return Ruling("bounded", Rule.LINGERING, {**fell, "at_most": left}, case.little, lingers(case))


def left_over_unloaded(case: Case) -> float:
    """Return the most that each connection can have left over what was read before the load; of totals nothing."""
    series = case.series
    if series.kind in TOTALS or series.unloaded is None:
        return 0.0
    return gained_bound(series, min(series.unloaded, float(series.y.min())), case.alpha)


def drained_again(case: Case) -> Ruling | None:
    """Acquit what two drains, with a load between them, left as much of: what lingers is in neither.

    It is the second look at what is left after a drain, and has half of the error rate. What fell from one to the other
    was not at rest the first time, and proves nothing.
    """
    once, last = case.series.drained_once, case.series.drained
    if once is None or last is None or case.series.x_end <= once.x:
        return None
    of = case.series.x_end - once.x
    at_most = poisson_limits(abs(last - once.left), case.alpha / 2)[1] / of
    if at_most > case.bar:
        return None
    return Ruling("bounded", Rule.DRAINED_AGAIN, {"at_most": at_most, "of": of, "left_once": once.left}, case.little)


def left_again(case: Case) -> Ruling | None:
    """Convict what two drains, with a load between them, each left as much of: what lingers is in neither.

    Only of what is counted one by one. A cache that fills leaves less the second time, and a drain that was too short
    more than the first.
    """
    series, once = case.series, case.series.drained_once
    if once is None or series.drained is None or series.unloaded is None or series.kind in TOTALS:
        return None
    gained, of = max(series.drained - once.left, 0.0), series.x_end - once.x
    expected = (once.left - series.unloaded) * of / once.x
    is_steady = STEADY_SHARE * expected <= gained <= expected / STEADY_SHARE
    if not is_steady or poisson_limits(gained, case.alpha / 2)[0] <= case.bar * of:
        return None
    return Ruling("leak", Rule.LEFT_AGAIN, {"gained": gained, "of": of, "left_once": once.left})


def emptied(case: Case) -> Ruling | None:
    """Acquit what emptied as the target's clock leapt, but for what those brought who came meanwhile."""
    found = case.emptied
    if found is None or found.by_s is None or case.series.drained is None:
        return None
    left = left_bound(case.series, case.interval.slope, found.fresh, case.alpha)
    if left > case.bar:
        return None
    most = little_bound(case.readings.rate, found.by_s) if case.readings.rate else None
    return Ruling("bounded", Rule.EMPTIES, {"at_most": left, "fresh": found.fresh}, most, found.by_s)


def outlasts(case: Case) -> Ruling | None:
    """Convict what is left of a container that emptied for the most part as the clock leapt, by what is left alone."""
    found, drained = case.emptied, case.series.drained
    if found is None or drained is None or case.surely <= case.bar or case.series.kind in {"heap", "blocks"}:
        return None
    left = drained - found.level - found.fresh
    if (
        left > LEFT_SHARE * found.gained
        or poisson_limits(max(left, 0.0), case.alpha)[0] <= case.bar * case.series.x_end
    ):
        return None
    return Ruling("leak", Rule.OUTLASTS, {"left": left, "of": case.series.x_end})


def still_young(case: Case) -> Ruling | None:
    """Leave open what holds no more than came within its time-to-live: nothing in it need be overdue."""
    ttl_s, young = (case.bound.ttl_s if case.bound else None), case.readings.young
    if ttl_s is None or young is None or case.series.last > young + ONE_IN_A_THOUSAND * young**0.5:
        return None
    return Ruling("inconclusive", Rule.TIME_TO_LIVE, {"ttl_s": ttl_s}, case.little)


def plateau(case: Case) -> Ruling | None:
    """Acquit what has filled up: the later half alone is flat, by the same two tests.

    It is a second chance for the same series, so it has half of the error rate.
    """
    if case.tail is None:
        return None
    interval = case.interval_of(case.tail, 1 - case.alpha)
    if not (-case.bar <= interval.low and interval.high <= case.bar):
        return None
    values = {"slope": interval.slope, "low": interval.low, "high": interval.high, "points": len(case.tail.x)}
    return Ruling("bounded", Rule.PLATEAU, values, float(case.tail.y.max()))


def grows(case: Case) -> Ruling | None:
    """Convict when the interval's lower end is above the margin, and growth has not ebbed.

    Not by a slope that what is left in the end disproves: where the drain took most of it, that much is kept by nobody.
    """
    if case.surely <= case.bar or case.tail_slope <= case.bar or case.is_slowing or case.is_disproved:
        return None
    return Ruling("leak", Rule.SLOPE, bound=case.little)


def undecided(case: Case) -> Ruling:
    """Leave it open, and tell which side is.

    What is the sum of counts of its own holds no verdict back: all blocks (docs/adr/0011), and the bytes of what is
    mapped, of which one large file, mapped once, is a step. Nor does what swings inside an object of C: the sizes of
    blocks tell what it holds, and the resolution by how much it may grow.
    """
    if case.margin < case.surely <= case.bar:
        doubt, values = Doubt.OBSERVATION, {}
    elif case.surely > case.bar and case.is_disproved:
        doubt, values = Doubt.EMPTYING, {"at_most": case.left_over}
    elif case.surely > case.margin:
        doubt, values = Doubt.EBBS, {"tail_slope": case.tail_slope}
    elif case.is_swinging_unnamed:
        doubt, values = Doubt.SWINGS, {"lowest": float(case.series.y.min()), "highest": case.series.peak}
    else:
        doubt, values = Doubt.AT_THE_MARGIN, case.asked_margin | gain_per_wave(case)
    is_deciding = case.series.metric not in SUMS and doubt != Doubt.SWINGS
    return Ruling("inconclusive", Rule.UNDECIDED, values, case.little, is_deciding=is_deciding, doubt=doubt)


COUNT_RULES: tuple[Decide, ...] = (
    never_again,
    too_few,
    within_items,
    retained_for_good,
    within_ttl,
    within_margin,
    drained,
    drained_again,
    emptied,
    plateau,
    still_young,
    outlasts,
    grows,
    left_again,
    undecided,
)


def rule_on(case: Case) -> Ruling:
    """Return the ruling of the first rule that decides the case."""
    rules = (too_few, *BYTE_RULES) if case.series.is_bytes else COUNT_RULES
    return next(ruling for rule in rules if (ruling := rule(case)) is not None)


def lingers(case: Case) -> float | None:
    """Return the measured stay of what was there when the last client left, if anything to speak of was."""
    grew = float(case.series.y[-1]) - case.series.last
    return case.stay_s if grew > case.margin * case.series.x_end else None


def gain_per_wave(case: Case) -> dict[str, float]:
    """Return what comes with each wave, as a value of a ruling, where growth may be by the wave and not by client."""
    gains = np.diff(case.series.y)
    if case.series.kind == "heap" or not len(gains) or np.ptp(gains) > 1 or gains.min() < 1:
        return {}
    return {"gain_per_wave": float(gains.mean())}

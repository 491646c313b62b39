"""The rules, in the order in which they are asked; the first that has something to say decides.

Each takes a `Case` and returns a `Ruling`, or None to pass. What acquits by proof comes before what convicts, because
the proofs hold whatever the slope is: a registry that is empty after the drain has leaked nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from soakproof.judge.bounds import ONE_IN_A_THOUSAND, drained_bound
from soakproof.judge.case import FEWEST_POINTS, Case, Ruling
from soakproof.judge.memory import BYTE_RULES
from soakproof.judge.wording import say_amount, say_growing, say_interval, say_little, say_name, say_rate

Rule = Callable[[Case], Ruling | None]

LATE_SHARE = 0.99


def too_few(case: Case) -> Ruling | None:
    """Say so when there are fewer points than any interval needs."""
    if case.points >= FEWEST_POINTS:
        return None
    need = f"need {FEWEST_POINTS}; run more waves (--waves {FEWEST_POINTS + 3})"
    reason = f"{say_name(case.series.metric)}: {case.points} settled rest points, {need}"
    return Ruling("inconclusive", "too few", reason, is_deciding=not case.series.is_bytes)


def within_items(case: Case) -> Ruling | None:
    """Hold a container to the most entries it may have; within them it may grow.

    No container exceeds its own maxlen: where more was counted, there are several of them now under one owner (an
    attribute of many objects), and what bounds each bounds nothing.
    """
    limit = case.bound.max_items if case.bound else None
    if limit is None:
        return None
    is_declared = case.bound is not None and case.bound.source == "declared"
    rule = "declared bound" if is_declared else "its own maxlen"
    peak = case.series.process_peak
    if peak > limit and not is_declared:
        return None
    if peak <= limit:
        return Ruling(
            "bounded", rule, f"at most {peak:,.0f} of {limit:,} {case.series.unit} that its bound allows", limit
        )
    return Ruling("leak", rule, f"held {peak:,.0f} {case.series.unit}, {limit:,} are allowed", limit)


def retained_for_good(case: Case) -> Ruling | None:
    """Acquit what holds too little for any leak, whatever its slope: what is left for good would still be there."""
    if case.series.kind == "heap" or case.is_hoarding or case.retained > case.margin:
        return None
    left, of = case.series.last, case.series.x_end
    noun = "events" if case.is_held else "connections"
    if left == 0:
        reason = f"0 left of {of:,.0f} {noun}: at most {say_little(3 / of)} {case.unit} at 95 %"
    else:
        reason = f"{left:,.0f} left of {of:,.0f} {noun}: at most {say_little(case.retained)} {case.unit}"
    return Ruling("bounded", "retained for good", reason + say_lingering(case), case.little, lingers(case))


def within_ttl(case: Case) -> Ruling | None:
    """Convict a registry with a declared time-to-live that holds more than Little's law allows, and does not drain."""
    if case.bound is None or case.bound.ttl_s is None or case.little is None or not len(case.readings.steady):
        return None
    held = float(np.quantile(case.readings.steady, LATE_SHARE))
    if held <= case.little:
        return None
    allowed = f"{case.bound.ttl_s:g} s at {case.readings.rate:g}/s allow {case.little:,.0f}"
    reason = f"held {held:,.0f} in the steady phase, {allowed}, and did not drain"
    return Ruling("leak", "above Little's law", reason, case.little)


def within_margin(case: Case) -> Ruling | None:
    """Acquit by two one-sided tests: the interval lies inside the margin, or below it where the series falls.

    Where waves are too small to resolve the margin, what they do resolve stands in its place: then a total of the
    process can be acquitted of no less than would convict it.
    """
    interval = case.interval
    if -case.bar <= interval.low and interval.high <= case.bar:
        still = f"{say_amount(case.series.last, case.series.unit)} at every rest point: " if not case.is_moving else ""
        reason = f"{still}{case.say_slope()}, inside {case.say_margin('±')}"
        return Ruling("bounded", "slope", reason, case.little)
    if interval.high <= case.bar and interval.slope < -case.bar:
        return Ruling("bounded", "falls", f"{case.say_slope()}: it falls", case.little)
    return None


def drained(case: Case) -> Ruling | None:
    """Acquit what grew, or went up and down, and was back at its level when nothing connected any more: it lingers."""
    if case.series.drained is None:
        return None
    left = drained_bound(case.series, max(case.interval.slope, 0.0), case.alpha)
    if left > case.bar:
        return None
    before, after = float(case.series.y[-1]), case.series.drained
    if before > after:
        reason = f"fell from {say_amount(before, case.series.unit)} to {after:,.0f} by itself in the drain"
    else:
        reason = f"{say_amount(after, case.series.unit)} after the drain, about as low as it ever was"
    return Ruling("bounded", "lingering", reason + say_lingering(case), case.little, lingers(case))


def still_young(case: Case) -> Ruling | None:
    """Leave open what holds no more than came within its time-to-live: nothing in it need be overdue."""
    ttl_s, young = (case.bound.ttl_s if case.bound else None), case.readings.young
    if ttl_s is None or young is None or case.series.last > young + ONE_IN_A_THOUSAND * young**0.5:
        return None
    reason = f"{case.series.last:,.0f} left, all younger perhaps than {ttl_s:g} s; drain for longer than that"
    return Ruling("inconclusive", "time-to-live", reason, case.little)


def plateau(case: Case) -> Ruling | None:
    """Acquit what has filled up: the later half alone is flat, by the same two tests.

    It is a second chance for the same series, so it has half of the error rate.
    """
    if case.tail is None:
        return None
    interval = case.interval_of(case.tail, 1 - case.alpha)
    if not (-case.bar <= interval.low and interval.high <= case.bar):
        return None
    full = say_amount(float(case.tail.y.max()), case.series.unit)
    reason = f"full at {full}: {say_interval(interval)} {case.unit} over the last {len(case.tail.x)} rest points"
    return Ruling("bounded", "plateau", reason, float(case.tail.y.max()))


def grows(case: Case) -> Ruling | None:
    """Convict when the interval's lower end is above the margin, and growth has not ebbed."""
    if case.surely <= case.bar or case.tail_slope <= case.bar or case.is_slowing:
        return None
    first, last = say_amount(float(case.series.y[0]), case.series.unit), f"{case.series.last:,.0f}"
    verb = say_growing(case.series.kind)
    reason = f"{verb} {case.say_slope()}: {first} at first, {last} at last"
    return Ruling("leak", "slope", reason, case.little)


def undecided(case: Case) -> Ruling:
    """Say which side is still open.

    Allocated blocks hold no verdict back that every count of things supports: caches of the interpreter fill them
    for minutes (docs/adr/0011).
    """
    if case.margin < case.surely <= case.bar:
        why = f"{case.say_slope()}, which being observed may explain; use more clients per wave (--clients)"
    elif case.surely > case.margin:
        why = f"{case.say_slope()}, but growth ebbs: {say_rate(case.tail_slope)} in the later half"
    else:
        why = f"{case.say_slope()}: neither inside {case.say_margin('±')} nor above it{say_each_wave(case)}"
    return Ruling("inconclusive", "undecided", why, case.little, is_deciding=case.series.metric != "heap:blocks")


COUNT_RULES: tuple[Rule, ...] = (
    too_few,
    within_items,
    retained_for_good,
    within_ttl,
    within_margin,
    drained,
    plateau,
    still_young,
    grows,
    undecided,
)


def rule_on(case: Case) -> Ruling:
    """Return the ruling of the first rule that decides the case."""
    rules = (too_few, *BYTE_RULES) if case.series.is_bytes else COUNT_RULES
    return next(ruling for rule in rules if (ruling := rule(case)) is not None)


def lingers(case: Case) -> float | None:
    """Return the measured stay of what was there when the last client left, if anything to speak of was."""
    grew = float(case.series.y[-1]) - case.series.last
    return case.readings.lingered_s if grew > case.margin * case.series.x_end else None


def say_each_wave(case: Case) -> str:
    """Return the remark that something grows by the wave and not by the client, as the end of a sentence."""
    gains = np.diff(case.series.y)
    if case.series.kind == "heap" or not len(gains) or np.ptp(gains) > 1 or gains.min() < 1:
        return ""
    return f"; it gains {gains.mean():.2g} with each wave, and other --clients tell whether it is by wave or by client"


def say_lingering(case: Case) -> str:
    """Return how long it lingered, as the end of a sentence."""
    stay = lingers(case)
    return "" if stay is None else f", {stay:.1f} s after the last connection"

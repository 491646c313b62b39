"""A sentence per rule: why a finding is judged as it is. All numbers are the finding's own."""

from __future__ import annotations

from collections.abc import Callable

from soakproof.judge.codes import Doubt, RelationKind, Rule
from soakproof.judge.verdict import Finding
from soakproof.wording.emptying import say_emptying, say_still
from soakproof.wording.names import MEMORY_WORDS, name_in_prose, say_growing
from soakproof.wording.numbers import (
    say_bytes,
    say_growth,
    say_interval,
    say_margin,
    say_small,
    say_unit,
    say_with_unit,
)
from soakproof.wording.slope import say_slope_in_full

RELATIONS = {
    RelationKind.CONSEQUENCE: "a consequence of {name}: ",
    RelationKind.KEPT_IN: "kept in {name}, which is bounded: ",
}
OVERRULINGS = {
    Rule.MULTIPLICITY: "; but so many containers and types are tested that one may look so by chance",
    Rule.LEAP_BROKE: "; but the server broke as its clock leapt, see the warnings",
    Rule.NOT_DRAINED: "; but the run ended before its drain was over, in which what lingers goes",
}


def say_reason(finding: Finding) -> str:
    """Return why a finding is judged as it is, as one sentence without a full stop."""
    relation = finding.relation
    prefix = RELATIONS[relation.kind].format(name=name_in_prose(relation.metric)) if relation else ""
    suffix = _held(finding) + OVERRULINGS.get(finding.rule, "")
    when = f"{say_emptying(finding)}; " if finding.emptying else ""
    return f"{prefix}{when}{SENTENCES[finding.overruled or finding.rule](finding)}{say_still(finding)}{suffix}"


def _held(finding: Finding) -> str:
    """Return until when a timer holds it, and which, as the end of a sentence."""
    culprit = finding.culprit
    if finding.rule != Rule.HELD_BY_TIMER or culprit is None or culprit.held_s is None:
        return ""
    return f"; held until {culprit.held_s:,.0f} s after the client left, by {culprit.held_by}"


def names_itself(finding: Finding) -> bool:
    """Whether the sentence begins with the metric's name already."""
    return finding.rule == Rule.TOO_FEW


def _is_convicted(finding: Finding) -> bool:
    """Whether the rule that the sentence is of found a leak, though another may have overruled it."""
    return finding.verdict == "leak" or finding.overruled is not None


def _slope(finding: Finding) -> str:
    return f"{say_slope_in_full(finding)} {say_unit(finding.unit, finding.per)}"


def _margin(finding: Finding) -> str:
    resolved = ", all that waves of this size resolve" if "asked_margin" in finding.values else ""
    return f"{say_margin(finding.margin, finding.unit)}{resolved}"


def _too_few(finding: Finding) -> str:
    points, needed = finding.values["points"], finding.values["needed"]
    return (
        f"{name_in_prose(finding.metric)}: {points:.0f} settled rest points, need {needed:.0f}; "
        f"run more waves (--waves {needed + 3:.0f})"
    )


def _never_again(finding: Finding) -> str:
    values = finding.values
    return (
        f"{values['gained']:,.0f} tasks more after {values['of']:,.0f} {finding.per}s, which will never run again: "
        "nothing but themselves can reach what they wait for"
    )


def _within_items(finding: Finding) -> str:
    held, limit = finding.values["held"], finding.bound or 0
    if _is_convicted(finding):
        return f"held {held:,.0f} {finding.unit}, {limit:,.0f} are allowed"
    return f"at most {held:,.0f} of {limit:,.0f} {finding.unit} that its bound allows"


def _library_cache(finding: Finding) -> str:
    return f"{say_bytes(finding.values['held'])}, which a library caches up to a bound of its own"


def _retained(finding: Finding) -> str:
    at_most = f"at most {say_small(finding.values['at_most'])} {say_unit(finding.unit, finding.per)}"
    sure = " at 95%" if finding.last == 0 else ""
    return (
        f"{finding.last:,.0f} left of {finding.values['of']:,.0f} {finding.per}s: {at_most}{sure}{_lingering(finding)}"
    )


def _littles_law(finding: Finding) -> str:
    values = finding.values
    allowed = f"{values['ttl_s']:g} s at {values['rate']:g}/s allow {finding.bound or 0:,.0f}"
    return f"held {values['held']:,.0f} in the steady phase, {allowed}, and did not drain"


def _by_slope(finding: Finding) -> str:
    if _is_convicted(finding):
        course = f"{say_with_unit(finding.first, finding.unit)} at first, {finding.last:,.0f} at last"
        return f"{say_growing(finding.kind)} {_slope(finding)}: {course}"
    still_at = finding.values.get("still_at")
    still = "" if still_at is None else f"{say_with_unit(still_at, finding.unit)} at every rest point: "
    high_water = f"; {_say_high_water(finding)}" if "high_water" in finding.values else ""
    inside = "inside" if finding.ci[0] >= -finding.margin else "surely not above"
    return f"{still}{_slope(finding)}, {inside} {_margin(finding)}{high_water}"


def _falls(finding: Finding) -> str:
    return f"{_slope(finding)}: it falls"


def _empties(finding: Finding) -> str:
    at_most = f"at most {say_small(finding.values['at_most'])} {say_unit(finding.unit, finding.per)} for good"
    fresh = finding.values["fresh"]
    young = f", as many as those bring who came meanwhile ({fresh:,.0f})" if fresh else ""
    return f"{say_with_unit(finding.last, finding.unit)} left{young}: {at_most}"


def _outlasts(finding: Finding) -> str:
    left, of = finding.values["left"], finding.values["of"]
    return f"emptied for the most part, but {left:,.0f} of {of:,.0f} {finding.per}s left theirs for good"


def _lingers(finding: Finding) -> str:
    fell_from = finding.values.get("fell_from")
    if fell_from is None:
        course = f"{say_with_unit(finding.last, finding.unit)} after the drain, about as low as it ever was"
    else:
        course = f"fell from {say_with_unit(fell_from, finding.unit)} to {finding.last:,.0f} by itself in the drain"
    return course + _lingering(finding)


def _drained_again(finding: Finding) -> str:
    values = finding.values
    left = f"the drain left {say_with_unit(values['left_once'], finding.unit)}, and {finding.last:,.0f} after another"
    at_most = f"at most {say_small(values['at_most'])} {say_unit(finding.unit, finding.per)} for good"
    return f"{left} {values['of']:,.0f} {finding.per}s: {at_most}"


def _left_again(finding: Finding) -> str:
    values = finding.values
    left = f"the drain left {say_with_unit(values['left_once'], finding.unit)}, and {finding.last:,.0f} after another"
    return f"{left} {values['of']:,.0f} {finding.per}s: {values['gained']:,.0f} of them left theirs for good"


def _plateau(finding: Finding) -> str:
    values = finding.values
    tail = f"{say_growth(values['slope'], finding.unit)} {say_interval((values['low'], values['high']), finding.unit)}"
    full = say_with_unit(finding.bound or 0, finding.unit)
    return (
        f"full at {full}: {tail} {say_unit(finding.unit, finding.per)} over the last {values['points']:.0f} rest points"
    )


def _time_to_live(finding: Finding) -> str:
    ttl_s = finding.values["ttl_s"]
    return f"{finding.last:,.0f} left, all younger perhaps than {ttl_s:g} s; drain for longer than that"


def _native(finding: Finding) -> str:
    what = MEMORY_WORDS[finding.memory or "unsettled"]
    return f"gains {_slope(finding)} while objects and blocks are flat: {what}"


def _high_water(finding: Finding) -> str:
    return f"{_say_high_water(finding)} ({_slope(finding)})"


def _say_high_water(finding: Finding) -> str:
    peak, last = say_bytes(finding.peak), say_bytes(finding.last)
    return f"high-water, not a leak: peak {peak}, last {last}, while objects and blocks are flat"


def _undecided(finding: Finding) -> str:
    return _slope(finding) + DOUBTS[finding.doubt or Doubt.AT_THE_MARGIN](finding)


def _observation(_finding: Finding) -> str:
    return ", which being observed may explain; use more clients per wave (--clients)"


def _ebbs(finding: Finding) -> str:
    return f", but growth ebbs: {_tail(finding)}"


def _at_the_margin(finding: Finding) -> str:
    return f": neither inside {_margin(finding)} nor above it{_each_wave(finding)}"


def _follows_counts(finding: Finding) -> str:
    return f", {_tail(finding)}: bytes follow the counts, which grow"


def _thread_caches(finding: Finding) -> str:
    threads = finding.values["threads"]
    return f", {_tail(finding)}: no more than malloc may cache for {threads:,.0f} threads"


def _not_in_use(finding: Finding) -> str:
    kept = "the allocator holds it free, or it is stacks of threads that come and go"
    return f", {_tail(finding)}, while nothing that is in use grows: {kept}"


def _counts_decide(finding: Finding) -> str:
    return f", {_tail(finding)}: bytes stay undecided, the counts decide"


def _swings(finding: Finding) -> str:
    lowest, highest = finding.values["lowest"], finding.values["highest"]
    return f": it swings between {lowest:,.0f} and {highest:,.0f} inside an object of C, and its blocks decide"


def _emptying(finding: Finding) -> str:
    at_most = f"{say_small(finding.values['at_most'])} {say_unit(finding.unit, finding.per)}"
    left = f"{say_with_unit(finding.last, finding.unit)} of {finding.peak:,.0f} are left"
    return f", but the drain took much of it: {left}, at most {at_most} for good; drain for longer (--drain)"


def _tail(finding: Finding) -> str:
    return f"{say_growth(finding.values['tail_slope'], finding.unit)} in the later half"


def _each_wave(finding: Finding) -> str:
    """Return the remark that something grows by the wave and not by the client, as the end of a sentence."""
    gain = finding.values.get("gain_per_wave")
    if gain is None:
        return ""
    return f"; it gains {gain:.2g} with each wave, and other --clients tell whether it is by wave or by client"


def _lingering(finding: Finding) -> str:
    """Return how long it lingered, as the end of a sentence; where that is bracketed, it was said."""
    if finding.lingers_s is None or finding.emptying is not None:
        return ""
    return f", {finding.lingers_s:.1f} s after the last connection"


DOUBTS: dict[Doubt, Callable[[Finding], str]] = {
    Doubt.OBSERVATION: _observation,
    Doubt.EBBS: _ebbs,
    Doubt.AT_THE_MARGIN: _at_the_margin,
    Doubt.FOLLOWS_COUNTS: _follows_counts,
    Doubt.THREAD_CACHES: _thread_caches,
    Doubt.NOT_IN_USE: _not_in_use,
    Doubt.COUNTS_DECIDE: _counts_decide,
    Doubt.SWINGS: _swings,
    Doubt.EMPTYING: _emptying,
}
SENTENCES: dict[Rule, Callable[[Finding], str]] = {
    Rule.TOO_FEW: _too_few,
    Rule.NEVER_AGAIN: _never_again,
    Rule.DECLARED_BOUND: _within_items,
    Rule.OWN_BOUND: _within_items,
    Rule.LIBRARY_CACHE: _library_cache,
    Rule.RETAINED_FOR_GOOD: _retained,
    Rule.LITTLES_LAW: _littles_law,
    Rule.SLOPE: _by_slope,
    Rule.FALLS: _falls,
    Rule.LINGERING: _lingers,
    Rule.DRAINED_AGAIN: _drained_again,
    Rule.LEFT_AGAIN: _left_again,
    Rule.PLATEAU: _plateau,
    Rule.TIME_TO_LIVE: _time_to_live,
    Rule.UNDECIDED: _undecided,
    Rule.NATIVE: _native,
    Rule.HIGH_WATER: _high_water,
    Rule.MULTIPLICITY: _by_slope,
    Rule.KEPT_IN_BOUNDED: _by_slope,
    Rule.HELD_BY_TIMER: _by_slope,
    Rule.NOT_DRAINED: _by_slope,
    Rule.EMPTIES: _empties,
    Rule.OUTLASTS: _outlasts,
    Rule.LEAP_BROKE: _by_slope,
}

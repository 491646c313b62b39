"""The codes of a judgement: which rule decided, what leaves it open, and how one finding follows from another.

Codes are what programs read; `soakproof.wording.findings` has the sentence for each. A new rule is a member here with
its explanation, a function in `rules.py` or `memory.py`, and a sentence there.
"""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """The rule that decided a finding."""

    TOO_FEW = "too few"
    DECLARED_BOUND = "declared bound"
    OWN_BOUND = "its own maxlen"
    LIBRARY_CACHE = "a library's cache"
    RETAINED_FOR_GOOD = "retained for good"
    LITTLES_LAW = "above Little's law"
    SLOPE = "slope"
    FALLS = "falls"
    LINGERING = "lingering"
    DRAINED_AGAIN = "drained again"
    LEFT_AGAIN = "left again"
    PLATEAU = "plateau"
    TIME_TO_LIVE = "time-to-live"
    UNDECIDED = "undecided"
    NATIVE = "native"
    HIGH_WATER = "high-water"
    MULTIPLICITY = "multiplicity"
    KEPT_IN_BOUNDED = "kept in what is bounded"
    NEVER_AGAIN = "never again"
    HELD_BY_TIMER = "held by a timer"
    NOT_DRAINED = "not drained"
    EMPTIES = "empties with time"
    OUTLASTS = "outlasts the leaps"
    LEAP_BROKE = "the leap broke it"


EXPLANATIONS: dict[Rule, str] = {
    Rule.TOO_FEW: "Fewer settled rest points (`points`) than an interval needs (`needed`).",
    Rule.DECLARED_BOUND: "The most that one process ever had (`held`), against the declared `bound`.",
    Rule.OWN_BOUND: "The most that one process ever had (`held`), against the `bound` that the container itself has.",
    Rule.LIBRARY_CACHE: "A library keeps it up to a bound of its own, and no more than that is counted here: `held`.",
    Rule.RETAINED_FOR_GOOD: "What is left after `of` connections is too little for any leak: `at_most` so much each.",
    Rule.LITTLES_LAW: "The steady phase held more (`held`) than arrivals (`rate`) times stay (`ttl_s`) allow.",
    Rule.SLOPE: "The slope's interval ends inside the margin (bounded) or begins above it (leak). `still_at` is the "
    "reading where it was the same at every rest point, `asked_margin` the margin asked for, where waves resolve no "
    "better than a wider one; `high_water` the peak, where memory stays there.",
    Rule.FALLS: "The interval lies below the margin, and the slope below zero.",
    Rule.LINGERING: "It was back at its level when nothing connected any more: it `fell_from` so much in the drain, "
    "and each connection left `at_most` so much for good.",
    Rule.DRAINED_AGAIN: "The same load came once more, `of` connections, and the drain left `left_once` before it and "
    "as much after: each of them left `at_most` so much for good.",
    Rule.LEFT_AGAIN: "Most of it lingers, but the same load came once more, and of `of` connections the drain left "
    "`gained` beyond the `left_once` before; the rate is that of these.",
    Rule.PLATEAU: "It has filled up to `bound`: over the last `points` the slope (`slope`, `low` to `high`) is flat.",
    Rule.TIME_TO_LIVE: "All that is left may be younger than the declared time-to-live (`ttl_s`).",
    Rule.UNDECIDED: "No rule decides; `doubt` says why. `tail_slope` is the slope of the later half, `gain_per_wave` "
    "what came with each wave, `threads` how many threads may keep caches; it swings between `lowest` and `highest`; "
    "the drain left so much that each connection may keep `at_most`.",
    Rule.NATIVE: "Bytes rise steadily while no count of objects or blocks does; `memory` says what kind it is.",
    Rule.HIGH_WATER: "The process stays near its peak though what it holds is back.",
    Rule.MULTIPLICITY: "A leak by `overruled`, but among so many metrics one may look so by chance.",
    Rule.NEVER_AGAIN: "So many tasks more than at first (`gained`, of `of` connections) will never run again: nothing "
    "but themselves can reach what they wait for, as `dead` of `looked_at` showed at the last rest point.",
    Rule.KEPT_IN_BOUNDED: "A leak by `overruled`, but it is kept in a container that is bounded and still fills.",
    Rule.HELD_BY_TIMER: "A leak by `overruled`, but a timer that was not due yet holds it, or what it follows from: "
    "the culprit's `held_by`, for `held_s`.",
    Rule.NOT_DRAINED: "A leak by `overruled`, but the run ended before its drain was over, in which what lingers goes.",
    Rule.EMPTIES: "It emptied as the target's clock leapt (`emptying` says when): each connection left `at_most` so "
    "much for good, `fresh` of it may be of those who came meanwhile.",
    Rule.OUTLASTS: "Most of it emptied as the target's clock leapt, but `left` of `of` connections left theirs; the "
    "rate is that of these.",
    Rule.LEAP_BROKE: "A leak by `overruled`, but the server met errors as its clock leapt: what was to remove it may "
    "not have run.",
}


class Doubt(StrEnum):
    """What leaves a finding open."""

    OBSERVATION = "observation"
    EBBS = "ebbs"
    AT_THE_MARGIN = "at the margin"
    FOLLOWS_COUNTS = "follows the counts"
    THREAD_CACHES = "thread caches"
    NOT_IN_USE = "not in use"
    COUNTS_DECIDE = "counts decide"
    SWINGS = "swings"
    EMPTYING = "emptying"


class RelationKind(StrEnum):
    """How a finding follows from another: it is grown by the other's leak, or kept in a container that still fills."""

    CONSEQUENCE = "consequence"
    KEPT_IN = "kept in"

"""A run that ended before its drain: what grew may only linger, and nobody has waited for it to go.

A slope is no proof of a leak then, whatever ended the run: a registry that holds each client for half a minute grows as
one that loses none. What needs no drain (a bound that was exceeded, tasks that will never run again) stays convicted.
"""

from __future__ import annotations

from collections.abc import Sequence

from soakproof.judge.codes import Rule
from soakproof.judge.verdict import Finding, overrule
from soakproof.samples import Phase, Run

BY_GROWTH = frozenset((Rule.SLOPE, Rule.NATIVE))
BEHIND: frozenset[Phase] = frozenset(("again", "trace"))  # what comes when a drain is over


def leave_undrained_open(findings: Sequence[Finding], run: Run) -> list[Finding]:
    """Return the findings, leaks by their growth alone open where the drain that was planned did not come to its end.

    Not while the run is under way: what grows so far is what is waited for, and traced.
    """
    if not lacks_drain(run):
        return list(findings)
    opened = (overrule(each, Rule.NOT_DRAINED) if _is_by_growth(each) else each for each in findings)
    return sorted(opened, key=lambda each: each.verdict != "leak")


def _is_by_growth(finding: Finding) -> bool:
    return finding.verdict == "leak" and finding.rule in BY_GROWTH


def lacks_drain(run: Run) -> bool:
    """Whether a drain was planned, and the run ended before it was over; not of stored runs that tell of no plan."""
    is_through = run.is_under_way or (run.end is not None and run.end.outcome == "completed")
    return bool(run.header.plan.drain_s) and not is_through and not any(each.phase in BEHIND for each in run.samples)

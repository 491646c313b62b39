"""What a pending timer holds: it is no leak yet, for nothing of it was due while the run lasted; nor is it bounded.

A server that keeps a visitor's state for an hour after he left grows for an hour, and a soak of minutes cannot see it
fall. That is left open, and told. What is held for longer than half a working day is a leak to whoever runs the server;
so is what is still there though its timers were due.
"""

from __future__ import annotations

from collections.abc import Sequence

from soakproof.judge.codes import Rule
from soakproof.judge.restpoints import MEASURED
from soakproof.judge.verdict import Finding, is_cause, overrule
from soakproof.samples import Run

LONGEST_S = 4 * 3600.0


def leave_open(findings: Sequence[Finding], run: Run) -> list[Finding]:
    """Return the folded findings, leaks open that timers hold which had not run out, with what follows from them."""
    lasted_s = measured_s(run)
    held = {each.metric for each in findings if is_cause(each) and is_held(each, lasted_s)}
    opened = [
        overrule(each, Rule.HELD_BY_TIMER) if each.metric in held or _follows(each, held) else each for each in findings
    ]
    return sorted(opened, key=lambda each: each.verdict != "leak") if held else opened


def is_held(finding: Finding, lasted_s: float) -> bool:
    """Whether a timer holds what grows for longer than the growth was watched, and not for ever."""
    held_s = finding.culprit.held_s if finding.culprit else None
    return held_s is not None and lasted_s < held_s <= LONGEST_S


def measured_s(run: Run) -> float:
    """Return for how long growth was watched, by the target's clock: from the first measured rest point to the last."""
    rests = [each for each in run.samples if each.kind == "rest" and each.phase in (*MEASURED, "drain")]
    times = [each.t_s + each.ahead_s for each in rests]
    return max(times, default=0.0) - min(times, default=0.0)


def _follows(finding: Finding, held: set[str]) -> bool:
    return finding.verdict == "leak" and finding.relation is not None and finding.relation.metric in held

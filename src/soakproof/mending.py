"""Is the leak of a stored run gone? The same soak made again, and each of its culprits looked at again."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from soakproof.judge import judge_run
from soakproof.judge.verdict import Finding, MetricVerdict, RunVerdict, Verdict, is_cause
from soakproof.samples import Per, Run

Mended = Literal["mended", "unchanged", "something else leaks now", "inconclusive", "invalid"]


class Mend(msgspec.Struct, kw_only=True):
    """A culprit before and after, in ``unit`` per connection (per event where clients are held), with intervals.

    ``verdict`` is that of the new run on the same metric. A metric that the new run never names did not move there:
    its slope is 0. ``fell_share`` is by which part of itself the growth has fallen.
    """

    metric: str
    verdict: MetricVerdict
    before: float
    before_ci: tuple[float, float]
    after: float
    after_ci: tuple[float, float]
    fell_share: float
    unit: str
    per: Per


class Verification(msgspec.Struct, kw_only=True):
    """The answer of ``soakproof verify``; culprits in the order of the stored run, the likeliest first.

    ``others`` are the causes of the new run's leak that are no culprits of the stored one.
    """

    schema: int = 1
    verdict: Mended
    exit_code: int
    culprits: list[Mend]
    others: list[Finding]
    new_verdict: RunVerdict


def verify_mend(base: Verdict, new: Run) -> Verification:
    """Look for the culprits of a run that found a leak in another that was soaked in the same way.

    Args:
        base: The verdict on the stored run: a leak.
        new: The run that was made again.

    Returns:
        What became of each culprit, and of the run. It is mended where every culprit is proven bounded; the exit code
        is that of the new run then, which may have left something else open.
    """
    verdict = judge_run(new)
    after = {finding.metric: finding for finding in verdict.findings}
    culprits = [_pair(finding, after.get(finding.metric)) for finding in base.findings if is_cause(finding)]
    known = {mend.metric for mend in culprits}
    others = [finding for finding in verdict.findings if is_cause(finding) and finding.metric not in known]
    outcome = _decide(verdict, culprits, others)
    return Verification(
        verdict=outcome,
        exit_code=_exit_code(outcome, verdict),
        culprits=culprits,
        others=others,
        new_verdict=verdict.verdict,
    )


def _pair(before: Finding, after: Finding | None) -> Mend:
    growth, interval = grown_for_good(after) if after else (0.0, (0.0, 0.0))
    return Mend(
        metric=before.metric,
        verdict=after.verdict if after else "bounded",
        before=before.per_connection,
        before_ci=before.ci,
        after=growth,
        after_ci=interval,
        fell_share=1 - max(growth, 0.0) / before.per_connection if before.per_connection > 0 else 0.0,
        unit=before.unit,
        per=before.per,
    )


def grown_for_good(finding: Finding) -> tuple[float, tuple[float, float]]:
    """Return a growth and its interval: a slope, unless the drain proved that less than that can be left for good.

    What lingers is in a slope, and in a drain it goes.
    """
    at_most = finding.values.get("at_most", math.inf)
    if finding.verdict == "bounded" and finding.per_connection > at_most:
        return at_most, (0.0, at_most)
    return finding.per_connection, finding.ci


def _decide(new: Verdict, culprits: list[Mend], others: list[Finding]) -> Mended:
    if new.verdict == "invalid":
        return "invalid"
    verdicts = {mend.verdict for mend in culprits}
    if "leak" in verdicts:
        return "unchanged"
    if others:
        return "something else leaks now"
    return "inconclusive" if "inconclusive" in verdicts else "mended"


def _exit_code(outcome: Mended, new: Verdict) -> int:
    """Return the new run's exit code; 3 at least where a culprit is still open, which a lenient run would let pass."""
    return max(new.exit_code, 3) if outcome == "inconclusive" else new.exit_code

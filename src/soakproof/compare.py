"""Is the new run worse than the base? Slopes against slopes, metric by metric; the machine need not be the same.

Growth per connection travels between machines, absolute bytes do not: those are told, and decide nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import msgspec

from soakproof.culprits import Culprit
from soakproof.judge import judge_run
from soakproof.judge.codes import Rule
from soakproof.judge.judge import find_all, find_culprit
from soakproof.judge.memory import STRICT_CONFIDENCE, STRICT_MARGINS
from soakproof.judge.multiplicity import find_doubtful
from soakproof.judge.slopes import Interval
from soakproof.judge.verdict import Finding, Verdict
from soakproof.late import stats
from soakproof.metrickinds import Kind
from soakproof.plans import Rules
from soakproof.samples import Run
from soakproof.warningcodes import RunWarning

ChangeVerdict = Literal["bounded", "regression", "inconclusive"]
ComparisonVerdict = Literal["bounded", "regression", "inconclusive", "invalid"]

Obstacle = tuple[Literal["base", "new"], Verdict]

EXIT_CODES: dict[ComparisonVerdict, int] = {"bounded": 0, "regression": 1, "inconclusive": 3, "invalid": 4}
FLAT = Interval(0.0, 0.0, 0.0)
FASTER_SHARE = 0.1


class Change(msgspec.Struct, kw_only=True):
    """One metric in both runs; ``ci`` is the interval of the difference, new less base, in ``unit`` per connection.

    ``finding`` is the judgement of the new run. A metric that the base never named did not move there: its slope is 0.
    """

    metric: str
    kind: Kind
    name: str
    verdict: ChangeVerdict
    base_per_connection: float
    new_per_connection: float
    difference: float
    ci: tuple[float, float]
    margin: float
    unit: str
    finding: Finding
    is_deciding: bool
    culprit: Culprit | None = None


class Peak(msgspec.Struct, kw_only=True):
    """What an open client costs at the peak, in bytes of RSS; None where it cannot be told."""

    base_bytes_per_client: float | None
    new_bytes_per_client: float | None


class Comparison(msgspec.Struct, kw_only=True):
    """The answer of ``soakproof compare``; changes ordered worst first.

    ``obstacle`` is which run cannot be compared, where that is the verdict, with what was judged of it.
    """

    schema: int = 1
    verdict: ComparisonVerdict
    exit_code: int
    obstacle: Obstacle | None = None
    base_verdict: str
    new_verdict: str
    changes: list[Change]
    peak: Peak
    warnings: list[RunWarning]


def compare_runs(base: Run, new: Run, rules: Rules | None = None) -> Comparison:
    """Compare two runs, metric by metric: does the new one grow where the base did not, or faster?

    Args:
        base: A run of the code as it was.
        new: A run of the code as it is to be. Neither machine nor number of waves need be the same.
        rules: Margins, confidence and declared bounds for both; the new run's own by default.

    Returns:
        The comparison with a change per metric of the new run, worst first. Slopes and the interval of their
        difference are in the metric's unit per connection (per event where clients are held), the cost at the peak in
        bytes of RSS per open client. If either run cannot be judged the comparison is ``invalid``, and ``obstacle``
        says which.

    Raises:
        RunFileError: A metric's kind is unknown.

    Source:
        The interval of a difference from those of its parts: MOVER, Zou and Donner (2008).
    """
    rules = rules or new.header.rules
    before, after = judge_run(base, rules), judge_run(new, rules)
    changes = [] if "invalid" in {before.verdict, after.verdict} else find_changes(base, new, after, rules)
    verdict = _decide(before, after, changes)
    is_passed = verdict == "inconclusive" and rules.fail_on == "leak"
    return Comparison(
        verdict=verdict,
        exit_code=0 if is_passed else EXIT_CODES[verdict],
        obstacle=_find_obstacle(before, after),
        base_verdict=before.verdict,
        new_verdict=after.verdict,
        changes=changes,
        peak=Peak(
            base_bytes_per_client=bytes_per_client(base, before), new_bytes_per_client=bytes_per_client(new, after)
        ),
        warnings=after.warnings,
    )


def find_changes(base: Run, new: Run, after: Verdict, rules: Rules) -> list[Change]:
    """Compare metric by metric, in the order of the new run's findings; bytes at the stricter confidence."""
    counts = {finding.metric: finding for finding in find_all(base, rules, rules.confidence)}
    strict_base = {finding.metric: finding for finding in find_all(base, rules, STRICT_CONFIDENCE)}
    strict_new = {finding.metric: finding for finding in find_all(new, rules, STRICT_CONFIDENCE)}
    changes, p_values = [], []
    for finding in after.findings:
        is_bytes = finding.unit == "bytes"
        was = _interval(finding.metric, strict_base if is_bytes else counts)
        now = (
            _interval(finding.metric, strict_new) if is_bytes else _interval(finding.metric, {finding.metric: finding})
        )
        difference = subtract(now, was)
        changes.append(_change(finding, was, difference, new))
        p_values.append(_p_value(difference, changes[-1].margin))
    doubtful = find_doubtful([change.kind for change in changes], p_values)
    return _rank([_doubt(change) if at in doubtful else change for at, change in enumerate(changes)])


def _rank(changes: list[Change]) -> list[Change]:
    """Return the changes worst first; bytes decide nothing where a count grows that they belong to."""
    if any(change.verdict == "regression" and change.is_deciding and change.unit != "bytes" for change in changes):
        changes = [msgspec.structs.replace(c, is_deciding=c.is_deciding and c.unit != "bytes") for c in changes]
    order = ("regression", "inconclusive", "bounded")
    return sorted(changes, key=lambda change: (not change.is_deciding, order.index(change.verdict)))


def subtract(new: Interval, base: Interval) -> Interval:
    """Return the interval of the difference of two independent slopes (MOVER: Zou, Donner 2008)."""
    low = math.hypot(new.slope - new.low, base.high - base.slope)
    high = math.hypot(new.high - new.slope, base.slope - base.low)
    slope = new.slope - base.slope
    return Interval(slope, slope - low, slope + high)


def bytes_per_client(run: Run, verdict: Verdict) -> float | None:
    """Return how far RSS rose above its first reading, all processes together, per client open at the peak."""
    first: dict[int, float] = {}
    peak: dict[int, float] = {}
    for sample in run.samples:
        rss = sample.metrics.get("process:rss")
        if rss is not None and sample.phase != "trace":
            first.setdefault(sample.pid, rss)
            peak[sample.pid] = max(rss, peak.get(sample.pid, rss))
    if not first or not verdict.peak_clients:
        return None
    return (sum(peak.values()) - sum(first.values())) / verdict.peak_clients


def _interval(metric: str, findings: Mapping[str, Finding]) -> Interval:
    finding = findings.get(metric)
    return Interval(finding.per_connection, *finding.ci) if finding else FLAT


def _p_value(difference: Interval, margin: float) -> float:
    excess, below = difference.slope - margin, difference.slope - difference.low
    if excess <= 0 or below == 0:
        return float(excess <= 0)
    return float(stats.norm.sf(excess / below * stats.norm.ppf(0.95)))


def _change(finding: Finding, was: Interval, difference: Interval, new: Run) -> Change:
    is_bytes = finding.unit == "bytes"
    margin = max(finding.margin * (STRICT_MARGINS if is_bytes else 1), FASTER_SHARE * was.slope)
    verdict = _rule(finding, difference, margin)
    is_told_only = finding.kind == "process" and finding.verdict != "leak"
    is_open_bytes = is_bytes and verdict == "inconclusive"
    is_consequence = not finding.is_deciding and (not is_bytes or finding.verdict == "leak")
    return Change(
        metric=finding.metric,
        kind=finding.kind,
        name=finding.name,
        verdict=verdict,
        base_per_connection=was.slope,
        new_per_connection=finding.per_connection,
        difference=difference.slope,
        ci=(difference.low, difference.high),
        margin=margin,
        unit=finding.unit,
        finding=finding,
        is_deciding=not (is_told_only or is_open_bytes or is_consequence),
        culprit=find_culprit(finding.metric, new) if verdict == "regression" else None,
    )


def _rule(finding: Finding, difference: Interval, margin: float) -> ChangeVerdict:
    """Acquit what is bounded by itself; convict a difference above the margin; leave open what could be one."""
    if finding.rule == Rule.TOO_FEW:
        return "inconclusive"
    if finding.verdict == "bounded" or difference.high <= margin:
        return "bounded"
    return "regression" if difference.low > margin else "inconclusive"


def _doubt(change: Change) -> Change:
    return msgspec.structs.replace(change, verdict="inconclusive") if change.verdict == "regression" else change


def _decide(before: Verdict, after: Verdict, changes: list[Change]) -> ComparisonVerdict:
    if "invalid" in {before.verdict, after.verdict}:
        return "invalid"
    verdicts = {change.verdict for change in changes if change.is_deciding}
    if "regression" in verdicts:
        return "regression"
    return "inconclusive" if "inconclusive" in verdicts else "bounded"


def _find_obstacle(before: Verdict, after: Verdict) -> Obstacle | None:
    runs: tuple[Obstacle, Obstacle] = (("base", before), ("new", after))
    return next((run for run in runs if run[1].verdict == "invalid"), None)

"""Is the new run worse than the base? Slopes against slopes, metric by metric; the machine need not be the same.

Growth per connection travels between machines, absolute bytes do not: those are told, and decide nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import msgspec
from scipy import stats

from soakproof.judge import judge_run
from soakproof.judge.judge import find_all, find_culprit
from soakproof.judge.memory import STRICT_CONFIDENCE, STRICT_MARGINS
from soakproof.judge.multiplicity import find_doubtful
from soakproof.judge.slopes import Interval
from soakproof.judge.verdict import Finding, Verdict
from soakproof.judge.wording import say_growing, say_interval, say_name, say_place, say_rate, say_unit
from soakproof.samples import Culprit, Kind, Rules, Run

ChangeVerdict = Literal["bounded", "regression", "inconclusive"]
ComparisonVerdict = Literal["bounded", "regression", "inconclusive", "invalid"]

EXIT_CODES: dict[ComparisonVerdict, int] = {"bounded": 0, "regression": 1, "inconclusive": 3, "invalid": 4}
FLAT = Interval(0.0, 0.0, 0.0)
FASTER_SHARE = 0.1


class Change(msgspec.Struct, kw_only=True):
    """One metric in both runs; ``ci`` is the interval of the difference, new less base, in ``unit`` per connection.

    A metric that the base never named did not move there: its slope is 0.
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
    reason: str
    is_deciding: bool
    culprit: Culprit | None = None


class Peak(msgspec.Struct, kw_only=True):
    """What an open client costs at the peak, in bytes of RSS; None where it cannot be told."""

    base_bytes_per_client: float | None
    new_bytes_per_client: float | None


class Comparison(msgspec.Struct, kw_only=True):
    """The answer of ``soakproof compare``; changes ordered worst first."""

    schema: int = 1
    verdict: ComparisonVerdict
    exit_code: int
    reason: str
    base_verdict: str
    new_verdict: str
    changes: list[Change]
    peak: Peak
    warnings: list[str]


def compare_runs(base: Run, new: Run, rules: Rules | None = None) -> Comparison:
    """Return whether the new run grows where the base did not, or faster; by the new run's rules if none are given."""
    rules = rules or new.header.rules
    before, after = judge_run(base, rules), judge_run(new, rules)
    changes = [] if "invalid" in {before.verdict, after.verdict} else find_changes(base, new, after, rules)
    verdict, reason = _decide(before, after, changes)
    is_passed = verdict == "inconclusive" and rules.fail_on == "leak"
    return Comparison(
        verdict=verdict,
        exit_code=0 if is_passed else EXIT_CODES[verdict],
        reason=reason,
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
        reason=_say_change(finding, difference, was, is_held=new.header.plan.is_held),
        is_deciding=not (is_told_only or is_open_bytes or is_consequence),
        culprit=find_culprit(finding.metric, new) if verdict == "regression" else None,
    )


def _rule(finding: Finding, difference: Interval, margin: float) -> ChangeVerdict:
    """Acquit what is bounded by itself; convict a difference above the margin; leave open what could be one."""
    if finding.rule == "too few":
        return "inconclusive"
    if finding.verdict == "bounded" or difference.high <= margin:
        return "bounded"
    return "regression" if difference.low > margin else "inconclusive"


def _say_change(finding: Finding, difference: Interval, was: Interval, *, is_held: bool) -> str:
    unit = say_unit(finding.unit, is_held=is_held)
    if finding.verdict == "bounded" or finding.rule == "too few":
        return finding.reason
    return f"{say_rate(finding.per_connection)} {unit}, was {say_rate(was.slope)}: {say_interval(difference)} more"


def _doubt(change: Change) -> Change:
    return msgspec.structs.replace(change, verdict="inconclusive") if change.verdict == "regression" else change


def _decide(before: Verdict, after: Verdict, changes: list[Change]) -> tuple[ComparisonVerdict, str]:
    for name, verdict in (("base", before), ("new", after)):
        if verdict.verdict == "invalid":
            return "invalid", f"the {name} run cannot be compared: {verdict.reason}"
    deciding = [change for change in changes if change.is_deciding]
    worse = [change for change in deciding if change.verdict == "regression"]
    if worse:
        return "regression", _say_worse(worse)
    undecided = [change for change in deciding if change.verdict == "inconclusive"]
    if undecided:
        return "inconclusive", _say_undecided(undecided[0])
    still = "; it leaks as the base does" if after.verdict == "leak" else ""
    return "bounded", f"none of {len(deciding):,} metrics grows faster than in the base{still}"


def _say_undecided(change: Change) -> str:
    name = say_name(change.metric)
    return change.reason if change.reason.startswith(name) else f"{name}: {change.reason}; run more waves"


def _say_worse(worse: list[Change]) -> str:
    first = worse[0]
    where = say_place(first.culprit.sites) if first.culprit else ""
    others = f"; and {len(worse) - 1} more" if len(worse) > 1 else ""
    return f"{say_name(first.metric)} {say_growing(first.kind)} {first.reason}{where}{others}"

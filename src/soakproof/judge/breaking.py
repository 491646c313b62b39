"""Whether the target broke as its clock leapt: then what was to be removed may have stayed for that reason alone."""

from __future__ import annotations

from collections.abc import Sequence

from soakproof.judge.codes import Rule
from soakproof.judge.verdict import Finding, overrule
from soakproof.metrickinds import CONTAINERS, kind_of
from soakproof.samples import Leap, Run
from soakproof.warningcodes import RunWarning, WarningCode, warn

MOVED_S = 5.0
MOST_TOLD = 3


def find_breaks(run: Run) -> list[RunWarning]:
    """Return a warning of each leap at which server or clients met what they had not met before."""
    known = {error for wave in run.waves if wave.phase not in {"drain", "trace"} for error in wave.errors}
    met = [(leap, {error: n for error, n in leap.errors.items() if error not in known}) for leap in run.leaps]
    return [_warn(leap, errors) for leap, errors in met if errors]


def _warn(leap: Leap, errors: dict[str, int]) -> RunWarning:
    worst: list[int | str] = [*sorted(errors, key=lambda error: -errors[error])[:MOST_TOLD]]
    return warn(WarningCode.LEAP_BROKE, mark_s=leap.mark_s, errors=worst)


def has_ended_by_leaping(run: Run) -> bool:
    """Whether the run ended before its time once the clock had been moved: with a target that died of it, say."""
    drained = [sample for sample in run.samples if sample.phase == "drain"]
    if run.end is None or run.end.outcome in {"completed", "interrupted"} or not drained:
        return False
    return drained[-1].ahead_s - drained[0].ahead_s > MOVED_S


def excuse_broken(findings: Sequence[Finding], run: Run) -> list[Finding]:
    """Return the findings, leaks of containers and what follows from them left open where a leap broke the target."""
    if not find_breaks(run) and not has_ended_by_leaping(run):
        return list(findings)
    opened = {each.metric for each in findings if each.verdict == "leak" and kind_of(each.metric) in CONTAINERS}
    return sorted((_open(each, opened) for each in findings), key=lambda each: each.verdict != "leak")


def _open(finding: Finding, opened: set[str]) -> Finding:
    follows = finding.relation is not None and finding.relation.metric in opened
    if finding.verdict != "leak" or not (finding.metric in opened or follows):
        return finding
    return overrule(finding, Rule.LEAP_BROKE)

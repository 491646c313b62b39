"""Marking a verdict against the truth: was it the right one, and does its first finding name the right thing?"""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.accuracy.cases import Case
from benchmarks.accuracy.records import Culprit, Outcome
from soakproof.judge.verdict import Finding, Verdict
from soakproof.wording import say_reason, say_verdict_reason
from soakproof.wording.names import say_owner

SHOWN = 3


def mark(case: Case, verdict: Verdict, exit_code: int) -> Outcome:
    """Return what a verdict said, and whether that is right."""
    first = verdict.findings[0] if verdict.findings and verdict.verdict == "leak" else None
    culprit = describe_culprit(first) if first else None
    open_ones = [f.metric for f in verdict.findings if f.is_deciding and f.verdict == "inconclusive"]
    return Outcome(
        verdict=verdict.verdict,
        exit_code=exit_code,
        is_found=verdict.verdict in case.right,
        is_named=is_named(case, culprit) if case.truth else None,
        reason=relative(say_verdict_reason(verdict)),
        culprit=culprit,
        explained=verdict.explained,
        undecided=open_ones[:SHOWN],
    )


def is_named(case: Case, culprit: Culprit | None) -> bool:
    """Whether the first finding's metric, owner, types, trigger or lines are what the truth asks for."""
    if case.truth is None or culprit is None:
        return False
    names = [culprit.metric, culprit.owner, *culprit.types, culprit.trigger or ""]
    return case.truth.is_named_by(names, culprit.lines)


def describe_culprit(finding: Finding) -> Culprit:
    """Return what a finding names."""
    culprit = finding.culprit
    sites = culprit.sites[:SHOWN] if culprit else []
    return Culprit(
        metric=finding.metric,
        owner=say_owner(culprit) if culprit else "",
        rate=round(finding.per_connection, 5),
        interval=(round(finding.ci[0], 5), round(finding.ci[1], 5)),
        lines=[relative(f"{site.file}:{site.line} {site.function}") for site in sites],
        types=[kept.name for kept in culprit.types[:SHOWN]] if culprit else [],
        trigger=culprit.trigger if culprit else None,
        reason=relative(say_reason(finding)),
    )


def relative(text: str) -> str:
    """Return a text with the paths below this directory made relative to it."""
    return text.replace(f"{Path.cwd()}{os.sep}", "")

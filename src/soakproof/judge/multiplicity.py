"""Many metrics, few leaks: convictions over long lists are corrected for their number (Benjamini, Hochberg 1995).

Acquittals need no correction: the run is bounded only if every metric is, and a conjunction of tests errs less than
each of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from soakproof.judge.codes import Rule
from soakproof.judge.verdict import Finding, overrule
from soakproof.late import stats
from soakproof.metrickinds import Kind

LISTED_KINDS: tuple[Kind, ...] = ("container", "type", "buffer", "blocks")
FALSE_DISCOVERIES = 0.05


def find_doubtful(kinds: Sequence[Kind], p_values: Sequence[float]) -> set[int]:
    """Return the places of the listed kinds whose p-value, given how many were tested, proves nothing."""
    listed = [at for at, kind in enumerate(kinds) if kind in LISTED_KINDS]
    if not listed:
        return set()
    adjusted = stats.false_discovery_control([p_values[at] for at in listed])
    return {at for at, p in zip(listed, adjusted, strict=True) if p > FALSE_DISCOVERIES}


def correct(findings: Sequence[Finding], p_values: Sequence[float]) -> list[Finding]:
    """Return the findings, with those leaks of listed kinds left open that the number of metrics may explain.

    ``p_values`` belong to the findings one by one. A container that exceeds its declared bound is a fact, no estimate.
    """
    doubtful = find_doubtful([finding.kind for finding in findings], p_values)
    return [_doubt(finding) if at in doubtful else finding for at, finding in enumerate(findings)]


def _doubt(finding: Finding) -> Finding:
    if finding.verdict != "leak" or finding.rule != Rule.SLOPE:
        return finding
    return overrule(finding, Rule.MULTIPLICITY)

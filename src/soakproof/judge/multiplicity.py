"""Many metrics, few leaks: convictions over long lists are corrected for their number (Benjamini, Hochberg 1995).

Acquittals need no correction: the run is bounded only if every metric is, and a conjunction of tests errs less than
each of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from scipy import stats

from soakproof.judge.verdict import Finding
from soakproof.samples import Kind

LISTED_KINDS: tuple[Kind, ...] = ("container", "type")
FALSE_DISCOVERIES = 0.05


def correct(findings: Sequence[Finding], p_values: Sequence[float]) -> list[Finding]:
    """Return the findings, with those leaks of listed kinds left open that the number of metrics may explain.

    ``p_values`` belong to the findings one by one. A container that exceeds its declared bound is a fact, no estimate.
    """
    listed = [at for at, finding in enumerate(findings) if finding.kind in LISTED_KINDS]
    if not listed:
        return list(findings)
    adjusted = stats.false_discovery_control([p_values[at] for at in listed])
    doubtful = {at for at, p in zip(listed, adjusted, strict=True) if p > FALSE_DISCOVERIES}
    return [_doubt(finding, len(listed)) if at in doubtful else finding for at, finding in enumerate(findings)]


def _doubt(finding: Finding, number: int) -> Finding:
    if finding.verdict != "leak" or finding.rule != "slope":
        return finding
    reason = f"{finding.reason}; one of {number:,} containers and types may look so by chance"
    return msgspec.structs.replace(finding, verdict="inconclusive", rule="multiplicity", reason=reason)

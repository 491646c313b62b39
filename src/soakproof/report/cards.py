"""The page's cards: every metric in its place, with the figures that it is sorted and filtered by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from soakproof.judge.verdict import Finding
from soakproof.metrickinds import KINDS, Kind
from soakproof.report.grouping import Groups, is_still
from soakproof.wording.names import name_metric
from soakproof.wording.slope import is_fitted

RANKS = {"leak": 0, "inconclusive": 2, "bounded": 3}
FOLLOWS = 1
UNFITTED = -1e12


@dataclass(frozen=True)
class Card:
    """One metric; ``growth`` is in multiples of its margin, so that entries and bytes compare."""

    finding: Finding
    name: str
    growth: float
    rank: int


def make_cards(findings: Sequence[Finding], groups: Groups) -> list[Card]:
    """Return all metrics as a reader wants them: what is prominent first, and last what never changed."""
    first = {finding.metric: at for at, finding in enumerate(groups.prominent)}
    small = {finding.metric for finding in groups.small}

    def place(finding: Finding) -> tuple[object, ...]:
        return first.get(finding.metric, len(first)), finding.metric not in small, is_still(finding)

    return [_card(finding) for finding in sorted(findings, key=place)]


def count_kinds(findings: Sequence[Finding]) -> list[tuple[Kind, int]]:
    """Return the kinds of metrics there are, each with how many."""
    counts = Counter(finding.kind for finding in findings)
    return [(kind, counts[kind]) for kind in KINDS if counts[kind]]


def _card(finding: Finding) -> Card:
    growth = finding.per_connection / finding.margin if is_fitted(finding) else UNFITTED
    is_quiet = finding.verdict == "leak" and not finding.is_deciding
    return Card(finding, name_metric(finding.metric), growth, FOLLOWS if is_quiet else RANKS[finding.verdict])

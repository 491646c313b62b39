"""How finely a bounded run looked: the most that anything in it can still grow by, from what was proven of each metric.

Bounded never means that nothing grows, only that nothing grows by more than this.
"""

from __future__ import annotations

from collections.abc import Sequence

from soakproof.judge.codes import Rule
from soakproof.judge.verdict import Finding, Resolution
from soakproof.metrickinds import USED_BY_C, Kind

COUNTED: tuple[Kind, ...] = ("registry", "library", "container", "task", "thread", "fd", "child")
BY_BOUND = (Rule.DECLARED_BOUND, Rule.OWN_BOUND, Rule.KEPT_IN_BOUNDED)  # it may grow, and is bounded all the same


def find_resolution(findings: Sequence[Finding]) -> Resolution | None:
    """Return the resolution of a run in which all is bounded; bytes None where blocks were not counted by size.

    Bytes in use are those of the C heap and of what C code has mapped by itself, and of pymalloc's blocks each size
    times the most that it can grow by.
    """
    counted = [most_growth(each) for each in findings if each.kind in COUNTED and each.rule not in BY_BOUND]
    if not counted:
        return None
    heap = [each for each in findings if each.metric in USED_BY_C]
    blocks = [each for each in findings if each.kind == "blocks" and each.name.isdigit()]
    small = sum(float(each.name) * most_growth(each) for each in blocks)
    return Resolution(entries=max(counted), bytes=sum(map(most_growth, heap)) + small if heap and blocks else None)


def most_growth(finding: Finding) -> float:
    """Return the most per connection that a metric can still grow by, as its rule has proven or its interval says."""
    proven = finding.values.get("at_most", finding.values.get("high", finding.ci[1]))
    return max(proven, 0.0)

"""How much of the growth a leak explains, in words."""

from __future__ import annotations

from collections.abc import Sequence

from soakproof.judge.verdict import Finding
from soakproof.wording.culprits import name_culprit

LEAST = 0.02  # of the growth: what explains less is told in one line with others
NEARLY_ALL = 0.995


def say_share(finding: Finding) -> str | None:
    """Return which share of the growth a cause explains, None where nobody looked."""
    if finding.share is None:
        return None
    if finding.share < LEAST:
        return f"less than {LEAST:.0%} of the growth"
    return "all of the growth" if finding.share >= NEARLY_ALL else f"{finding.share:.0%} of the growth"


def split_small(causes: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Return the causes that are to be told one by one, and those that explain next to nothing beside them."""
    small = [each for each in causes[1:] if each.share is not None and each.share < LEAST]
    return [each for each in causes if each not in small], small


def say_small(causes: Sequence[Finding]) -> str:
    """Return one line on causes that explain next to nothing each."""
    names = ", ".join(name_culprit(each) for each in causes)
    return f"less than {LEAST:.0%} of the growth each: {names}"

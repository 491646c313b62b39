"""A finding's slope in words; a dash where the run had too few rest points to fit one."""

from __future__ import annotations

import math

from soakproof.judge.codes import Rule
from soakproof.judge.verdict import Finding
from soakproof.wording.numbers import UNKNOWN, say_growth, say_interval, say_unit


def is_fitted(finding: Finding) -> bool:
    """Whether there were rest points enough for a slope; if not, the finding's zeros mean nothing."""
    return finding.rule != Rule.TOO_FEW and all(map(math.isfinite, finding.ci))


def say_slope(finding: Finding) -> str:
    """Return the slope: +1.00."""
    return say_growth(finding.per_connection, finding.unit) if is_fitted(finding) else UNKNOWN


def say_slope_per(finding: Finding, per: str) -> str:
    """Return the slope and what it is per: +1.00 entries per connection, +212 B per connection."""
    return f"{say_slope(finding)} {say_unit(finding.unit, per)}"


def say_slope_interval(finding: Finding) -> str:
    """Return the slope's interval: [+0.982, +1.019]."""
    return say_interval(finding.ci, finding.unit) if is_fitted(finding) else UNKNOWN


def say_slope_in_full(finding: Finding) -> str:
    """Return the slope with its interval: +1.00 [+0.982, +1.019]."""
    return f"{say_slope(finding)} {say_slope_interval(finding)}"

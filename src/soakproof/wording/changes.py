"""Sentences on what changed from one run to another."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from soakproof.compare import Change, Comparison
from soakproof.judge.codes import Rule
from soakproof.metrickinds import USED_BY_C
from soakproof.wording.findings import names_itself, say_reason
from soakproof.wording.names import name_in_prose, say_growing
from soakproof.wording.numbers import UNKNOWN, say_bytes, say_growth, say_interval, say_unit
from soakproof.wording.reasons import say_others, say_place, say_verdict_reason

HEADLINES = {
    "bounded": "No regression: the new run keeps no more per connection than the base.",
    "regression": "A regression: the new run keeps more per connection than the base.",
    "inconclusive": "Not decided: these runs are too short or too noisy to tell.",
    "invalid": "Nothing can be said: one of the runs is incomplete.",
}


def say_change(change: Change) -> str:
    """Return a change's verdict; what does not decide is told, and alarms nobody."""
    return change.verdict if change.is_deciding or change.verdict == "bounded" else "told only"


def say_change_reason(change: Change) -> str:
    """Return why a change is judged as it is; what is judged on the new run alone has the finding's own reason."""
    finding = change.finding
    if finding.verdict == "bounded" or finding.rule == Rule.TOO_FEW:
        return say_reason(finding)
    unit = change.unit
    rate = f"{say_growth(change.new_per_connection, unit)} {say_unit(unit, finding.per)}"
    more = f"{say_growth(change.difference, unit)} {say_interval(change.ci, unit)} more"
    return f"{rate}, was {say_growth(change.base_per_connection, unit)}: {more}"


def say_comparison_reason(comparison: Comparison) -> str:
    """Return why two runs compare as they do, as one sentence without a full stop."""
    if comparison.obstacle is not None:
        name, verdict = comparison.obstacle
        return f"the {name} run cannot be compared: {say_verdict_reason(verdict)}"
    deciding = [change for change in comparison.changes if change.is_deciding]
    open_ones = [change for change in deciding if change.verdict == comparison.verdict]
    if comparison.verdict == "regression":
        return _say_worse(open_ones)
    if comparison.verdict == "inconclusive":
        return _say_undecided(open_ones[0])
    still = "; it leaks as the base does" if comparison.new_verdict == "leak" else ""
    return f"none of {len(deciding):,} metrics grows faster than in the base{still}"


def _say_undecided(change: Change) -> str:
    reason = say_change_reason(change)
    return reason if names_itself(change.finding) else f"{name_in_prose(change.metric)}: {reason}; run more waves"


def _say_worse(worse: list[Change]) -> str:
    first = worse[0]
    where = say_place(first.culprit.sites) if first.culprit else ""
    verb = say_growing(first.kind)
    return f"{name_in_prose(first.metric)} {verb} {say_change_reason(first)}{where}{say_others(worse)}"


def say_worse(comparison: Comparison) -> str | None:
    """Return by how much it is worse, in one clause: 212 ± 30 B and 1.00 entries per connection, at chat.py:88."""
    worse = [change for change in comparison.changes if change.verdict == "regression" and change.is_deciding]
    if not worse:
        return None
    counted = next((change for change in worse if change.unit != "bytes"), None)
    parts = list(_say_bytes_more(comparison.changes))
    parts += [f"{say_growth(counted.difference, counted.unit).lstrip('+')} {counted.unit}"] if counted else []
    culprit = next((change.culprit for change in worse if change.culprit and change.culprit.sites), None)
    where = say_place(culprit.sites) if culprit else ""
    return f"worse by {' and '.join(parts)} per {worse[0].finding.per}{where}"


def _say_bytes_more(changes: Sequence[Change]) -> Iterator[str]:
    """Yield how many bytes in use surely came on top: those of C, and pymalloc's blocks each size by its bytes."""
    surely = [(_block_bytes(change), change) for change in changes if change.ci[0] > 0]
    more = [(size * change.difference, size * _half(change)) for size, change in surely if size]
    if more:
        yield f"{sum(size for size, _ in more):,.0f} ± {max(math.hypot(*(half for _, half in more)), 1):,.0f} B"


def _block_bytes(change: Change) -> float:
    """Return how many bytes one of it is, 0 where it is not memory in use, or is in another of these already."""
    if change.metric in USED_BY_C:
        return 1.0
    return float(change.name) if change.kind == "blocks" and change.name.isdigit() else 0.0


def _half(change: Change) -> float:
    return max(change.difference - change.ci[0], change.ci[1] - change.difference)


def say_peak(comparison: Comparison) -> str:
    """Return what an open client costs at the peak, in both runs."""
    base, new = (
        UNKNOWN if value is None else say_bytes(value)
        for value in (comparison.peak.base_bytes_per_client, comparison.peak.new_bytes_per_client)
    )
    return f"RSS per client at the peak: {base} in the base, {new} in the new run (told only)"

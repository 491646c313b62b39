"""Sentences on what changed from one run to another."""

from __future__ import annotations

from soakproof.compare import Change, Comparison
from soakproof.judge.codes import Rule
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
    memory = next((change for change in comparison.changes if _is_memory(change)), None)
    parts = [_say_bytes_more(memory)] if memory else []
    parts += [f"{say_growth(counted.difference, counted.unit).lstrip('+')} {counted.unit}"] if counted else []
    culprit = next((change.culprit for change in worse if change.culprit and change.culprit.sites), None)
    where = say_place(culprit.sites) if culprit else ""
    return f"worse by {' and '.join(parts)} per {worse[0].finding.per}{where}"


def _is_memory(change: Change) -> bool:
    """Whether it is bytes in use that surely grew, or bytes that are why the comparison is red."""
    is_red = change.verdict == "regression" and change.is_deciding and change.unit == "bytes"
    return is_red or (change.metric == "heap:in_use_bytes" and change.ci[0] > 0)


def _say_bytes_more(change: Change) -> str:
    low, high = change.ci
    return f"{change.difference:,.0f} ± {max(change.difference - low, high - change.difference):,.0f} B"


def say_peak(comparison: Comparison) -> str:
    """Return what an open client costs at the peak, in both runs."""
    base, new = (
        UNKNOWN if value is None else say_bytes(value)
        for value in (comparison.peak.base_bytes_per_client, comparison.peak.new_bytes_per_client)
    )
    return f"RSS per client at the peak: {base} in the base, {new} in the new run (told only)"

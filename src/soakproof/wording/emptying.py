"""When what only time empties is empty: by the target's own clock, who empties it, and how much it holds at most."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from soakproof.judge.verdict import Finding, Verdict
from soakproof.wording.names import name_in_prose
from soakproof.wording.numbers import say_age, say_small

MOST_TOLD = 12


def say_emptyings(verdict: Verdict) -> Iterator[str]:
    """Yield a sentence on each container that emptied as the target's clock leapt; without a full stop."""
    emptied = [finding for finding in verdict.findings if finding.emptying]
    yield from (f"{name_in_prose(finding.metric)} {say_emptying(finding)}" for finding in emptied[:MOST_TOLD])
    if len(emptied) > MOST_TOLD:
        yield f"{len(emptied) - MOST_TOLD:,} more empty with time: see verdict.json"


def say_emptying(finding: Finding) -> str:
    """Return when a finding's container empties, as one clause; nothing where no clock leapt, or it did not empty."""
    return f"{say_when(finding)}{_who(finding)}{_most(finding)}" if finding.emptying else ""


def say_when(finding: Finding) -> str:
    """Return between when and when it empties, or for how long it was seen to stay, as a clause."""
    found = finding.emptying
    if found is not None:
        return f"empties between {say_age(found.after_s)} and {say_age(found.by_s)} after the last connection"
    return "" if finding.still_s is None else f"still there {say_age(finding.still_s)} after the last connection"


def _who(finding: Finding) -> str:
    """Return who took the entries out, and where, as a part of a sentence."""
    found = finding.emptying
    if found is None or not found.by:
        return ""
    line = found.sites[0] if found.sites else None
    return f", by {found.by}{f' at {PurePath(line.file).name}:{line.line}' if line else ''}"


def _most(finding: Finding) -> str:
    """Return how much it holds at most, by Little's law, as the end of a sentence."""
    found = finding.emptying
    if found is None or found.rate is None or found.holds_at_most is None:
        return ""
    return (
        f": at {say_small(found.rate)} connections a second it holds at most {found.holds_at_most:,.0f} {finding.unit} "
        "(Little's law)"
    )


def say_still(finding: Finding) -> str:
    """Return for how long what leaks was seen to stay, by the target's clock, as the end of a sentence."""
    return "" if finding.still_s is None else f"; still there after {say_age(finding.still_s)} of the target's time"

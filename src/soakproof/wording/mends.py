"""Sentences on a leak that was to be mended."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from soakproof.mending import Mend, Verification
from soakproof.wording.findings import say_reason
from soakproof.wording.names import name_in_prose, name_metric_in_full
from soakproof.wording.numbers import say_growth, say_interval, say_unit

HEADLINES = {
    "mended": "Mended: what leaked stays bounded now.",
    "unchanged": "Unchanged: it still leaks.",
    "something else leaks now": "What leaked stays bounded now, but something else leaks.",
    "inconclusive": "Not decided: this run is too short or too noisy to prove that the leak is gone.",
    "invalid": "Nothing can be said: the new run is incomplete.",
}


def say_verify(run: Path | str, command: Sequence[str]) -> str:
    """Return the command line that soaks a mended server as a run was soaked."""
    return f"soakproof verify {shlex.quote(str(run))} -- {shlex.join(command)}"


def say_mend(mend: Mend) -> str:
    """Return what became of a culprit, as one sentence without a full stop."""
    before = f"{say_growth(mend.before, mend.unit)} {say_interval(mend.before_ci, mend.unit)}"
    after = f"{say_growth(mend.after, mend.unit)} {say_interval(mend.after_ci, mend.unit)}"
    fell = f"{abs(mend.fell_share):.0%} {'less' if mend.fell_share >= 0 else 'more'}"
    growth = f"was {before}, is {after} {say_unit(mend.unit, mend.per)}, {fell}"
    return f"{name_metric_in_full(mend.metric)}: {growth}: {mend.verdict}"


def say_verification_reason(verification: Verification) -> str:
    """Return why, as one sentence without a full stop."""
    if verification.verdict == "invalid":
        return "the new run cannot be judged: see its own report"
    if verification.verdict == "something else leaks now":
        other = verification.others[0]
        return f"{name_in_prose(other.metric)} {say_reason(other)}"
    open_ones = [mend for mend in verification.culprits if mend.verdict != "bounded"]
    return say_mend((open_ones or verification.culprits)[0])

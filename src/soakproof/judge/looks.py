"""Looking twice without erring more: a run that is undecided after its planned waves may be extended once.

Each look at the data is one more chance to err. The look after the planned waves, which may end the run, spends two
fifths of the error rate, and the look after the extension the rest (Bonferroni over two looks; the looks are
correlated, so the sum is less). A run that was not extended had one look that counted, and spends all of it.
"""

from __future__ import annotations

import math

from soakproof.samples import Run

FIRST_SHARE = 0.4
RESERVE = 1.5  # times as many waves as would decide by estimate
LEAST_SHARE = 0.5  # of the planned waves: an estimate of one or two more is beyond what so few can tell


def final_confidence(run: Run, confidence: float) -> float:
    """Return the confidence at which a finished run is judged: higher if it was extended beyond its plan."""
    return last_confidence(confidence) if is_extended(run) else confidence


def last_confidence(confidence: float) -> float:
    """Return the confidence of the look after an extension."""
    return _spend(confidence, 1 - FIRST_SHARE)


def first_confidence(confidence: float) -> float:
    """Return the confidence of the look that decides whether to go on."""
    return _spend(confidence, FIRST_SHARE)


def is_extended(run: Run) -> bool:
    """Whether more waves were run than planned."""
    return sum(wave.phase in {"wave", "held"} for wave in run.waves) > run.header.plan.waves


def with_reserve(estimated: int, run: Run) -> int:
    """Return how many waves to go on for where so many are estimated to decide: of such runs half would need more."""
    return math.ceil(max(RESERVE * estimated, LEAST_SHARE * run.header.plan.waves)) if estimated else 0


def _spend(confidence: float, share: float) -> float:
    return 1 - (1 - confidence) * share

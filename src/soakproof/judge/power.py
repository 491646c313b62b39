"""What a plan can prove, before anything is run: of a count that never moves, chance alone is left to rule out.

A registry that stood still over N connections grows by less than -ln(alpha)/N each, wrong with probability alpha at
most (Poisson). A plan whose waves, with all that the run may add to them, cannot bring that below the margin is sure
to end inconclusive.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from soakproof.judge.case import FEWEST_POINTS
from soakproof.judge.looks import first_confidence, last_confidence
from soakproof.plans import Plan, Rules
from soakproof.warningcodes import RunWarning, WarningCode, warn


def warn_of_power(plan: Plan, rules: Rules, wave_size: int, most_waves: int) -> Iterator[RunWarning]:
    """Yield a warning where a plan cannot decide, with the numbers that could.

    ``wave_size``: connections of a wave, or events of a burst; ``most_waves``: the most that the run may come to.
    """
    steady = plan.steady_s * plan.rate
    most = most_waves * wave_size + steady
    least = resolved_by(most, last_confidence(rules.confidence))
    fewest_waves = FEWEST_POINTS - 1 - (1 if steady else 0)
    if least <= rules.margins.entries and most_waves >= fewest_waves:
        return
    needed = math.ceil(-math.log(alpha_of(first_confidence(rules.confidence))) / rules.margins.entries - steady)
    waves = max(plan.waves, fewest_waves)
    yield warn(
        WarningCode.CANNOT_DECIDE,
        waves=most_waves,
        of=int(most),
        per="event" if plan.is_held else "connection",
        least=least,
        margin=rules.margins.entries,
        wanted_waves=max(math.ceil(needed / wave_size), fewest_waves),
        wanted_clients=max(math.ceil(needed / waves), wave_size),
        option="--events" if plan.is_held else "--clients",
        with_waves=waves,
    )


def resolved_by(connections: float, confidence: float) -> float:
    """Return the least growth that so many connections tell from none."""
    return -math.log(alpha_of(confidence)) / max(connections, 1.0)


def alpha_of(confidence: float) -> float:
    """Return the error rate of each of the two one-sided tests."""
    return (1 - confidence) / 2

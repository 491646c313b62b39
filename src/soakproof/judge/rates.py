"""How much a metric grows per connection, with its interval: by its slope, or by what is left among all who came."""

from __future__ import annotations

from soakproof.judge.bounds import gained_bound
from soakproof.judge.case import FEWEST_POINTS, TOTALS, Case, Ruling
from soakproof.judge.codes import Rule
from soakproof.judge.slopes import poisson_limits

WENT_SHARE = 0.1  # of what had come, in the drain


def slope_of(case: Case, ruling: Ruling) -> float:
    """Return the growth per connection: where no slope is fitted, or it disproves it, what was proven among all."""
    counted = left_among(case, ruling)
    if counted:
        return counted[0] / counted[1]
    is_counted = case.points < FEWEST_POINTS and ruling.rule == Rule.NEVER_AGAIN
    return ruling.values["gained"] / ruling.values["of"] if is_counted else case.interval.slope


def interval_of(case: Case, ruling: Ruling) -> tuple[float, float]:
    """Return the interval of the growth per connection."""
    counted = left_among(case, ruling)
    if counted:
        low, high = poisson_limits(counted[0], case.alpha)
        return low / counted[1], high / counted[1]
    slope = slope_of(case, ruling)
    return (case.interval.low, case.interval.high) if case.points >= FEWEST_POINTS else (slope, slope)


def left_among(case: Case, ruling: Ruling) -> tuple[float, float] | None:
    """Return how much a leak has left for good among how many connections, where that is its rate; None of a slope.

    A slope also has in it what only lingers: where the drain left surely less than it would have, what is left counts.
    """
    if ruling.rule == Rule.OUTLASTS:
        return ruling.values["left"], ruling.values["of"]
    if ruling.rule == Rule.LEFT_AGAIN:
        return ruling.values["gained"], ruling.values["of"]
    series = case.series
    if ruling.rule != Rule.SLOPE or ruling.verdict != "leak" or series.kind in TOTALS or case.emptied is not None:
        return None
    if series.drained is None or series.unloaded is None or case.points < FEWEST_POINTS:
        return None
    went = float(series.y[-1]) - series.drained
    is_less = gained_bound(series, series.unloaded, case.alpha) < case.interval.slope
    if not is_less or went < WENT_SHARE * (series.y[-1] - series.unloaded):
        return None
    return max(series.drained - series.unloaded, 0.0), series.x_end

"""Bounds that need no slope: Little's law, what is retained for good, and how many more points would decide."""

from __future__ import annotations

import math

from soakproof.judge.series import Series
from soakproof.judge.slopes import Interval, poisson_limits
from soakproof.totals import Array

ONE_IN_A_THOUSAND = 3.09
MOST_MORE_WAVES = 999


def little_bound(rate: float, ttl_s: float) -> float:
    """Return what a registry with a time-to-live holds at most, but one time in a thousand.

    Little's law: arrivals per second times seconds of stay, λτ; by chance arrivals it is Poisson around that.
    """
    mean = rate * ttl_s
    return mean + ONE_IN_A_THOUSAND * math.sqrt(mean)


def retained_bound(series: Series, alpha: float) -> float:
    """Return the most that each connection can have left for good, wrong with probability ``alpha`` at most.

    Whatever is left for good by a rest point is still there: a constant leak of r leaves at least a Poisson number of
    mean r·x at every point, so the fewest entries ever seen bound r. The later half of the points is looked at, each at
    its share of alpha (Bonferroni). Nothing is subtracted: entries older than the load could have made room.
    """
    half = len(series.x) // 2
    seen = [*zip(series.x[half:], series.y[half:], strict=True)]
    seen += [] if series.drained is None else [(series.x_end, series.drained)]
    share = alpha / len(seen)
    return min(poisson_limits(max(float(count), 0.0), share)[1] / float(x) for x, count in seen)


def drained_bound(series: Series, slope: float, alpha: float) -> float:
    """Return the most that each connection can have left for good after the drain, over the level before the load.

    That level is where the fitted line meets zero connections, or the lowest reading if that is lower.
    """
    return gained_bound(series, level_before(series, slope), alpha)


def gained_bound(series: Series, level: float, alpha: float) -> float:
    """Return the most that each connection can have left over a level, by what is there after the drain."""
    assert series.drained is not None
    return poisson_limits(max(series.drained - level, 0.0), alpha)[1] / series.x_end


def level_before(series: Series, slope: float) -> float:
    """Return the level before the load, of a series that rises by so much per connection."""
    offsets: Array = series.y - slope * series.x
    return min(float(sorted(offsets)[len(offsets) // 2]), float(series.y.min()))


def waves_to_decide(interval: Interval, margin: float, points: int) -> int:
    """Estimate how many more waves would bring the interval to one side of the margin.

    The end of it that has to come in approaches the slope as n^-1.5; where nothing ever grew, and only chance is left
    to rule out, as 1/n.
    """
    gap = abs(abs(interval.slope) - margin)
    if gap == 0:
        return MOST_MORE_WAVES
    if interval.slope == interval.low == 0:
        needed = 1 + (points - 1) * interval.high / margin
    else:
        needed = points * (interval.half_width / gap) ** (2 / 3)
    return int(min(max(math.ceil(round(needed - points, 6)), 1), MOST_MORE_WAVES))

"""How many more waves show that something is full, if it gains nothing more: the plateau must fill the later half."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

import numpy as np

from soakproof.judge.bounds import MOST_MORE_WAVES
from soakproof.judge.case import TAIL_POINTS, Case
from soakproof.judge.rules import plateau


def waves_until_flat(case: Case) -> int:
    """Return the least number of waves after which a case that stays as it is would be acquitted as full."""
    choice = range(1, 2 * max(case.points, TAIL_POINTS))
    at = bisect_left(choice, 1, key=lambda more: int(plateau(prolong(case, more)) is not None))
    return choice[at] if at < len(choice) else MOST_MORE_WAVES


def prolong(case: Case, more: int) -> Case:
    """Return the case with so many rest points more, as far apart as those that it has, and all like the last."""
    series = case.series
    step = float(np.median(np.diff(series.x)))
    x = np.append(series.x, series.x[-1] + step * np.arange(1, more + 1))
    y = np.append(series.y, np.full(more, series.y[-1]))
    return replace(case, series=replace(series, x=x, y=y, columns={}))

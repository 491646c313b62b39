"""CPython 3.8 to 3.10 give each function a cache at its 1,024th call: blocks that come late, once, and are no growth.

What runs once per connection is called so often at the 1,024th, in the middle of a run: a step of some hundred blocks
among waves that keep nothing, seen on clean servers. So memory is fitted behind it, where there are points enough.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from soakproof.metrickinds import kind_of, unit_of
from soakproof.samples import Run
from soakproof.totals import Array

CALLS = 1024
FEWEST_BEHIND = 6
LATE = re.compile(r"3\.(8|9|10)\b")


def is_behind(run: Run, metric: str, x: Array, processes: int) -> NDArray[np.bool_]:
    """Tell which points of a metric are to be fitted: all, or of memory those behind the caches of functions.

    Args:
        run: whose target it is.
        metric: by its name.
        x: connections, or events, at each point.
        processes: how many share them.
    """
    behind = x > CALLS * processes
    is_late = kind_of(metric) in {"heap", "blocks", "process"} and unit_of(metric) in {"blocks", "bytes"}
    if is_late and LATE.match(run.header.target.python) and behind.sum() >= FEWEST_BEHIND:
        return behind
    return np.ones(len(x), dtype=bool)

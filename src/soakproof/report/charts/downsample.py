"""Drawing a million readings as a few hundred: what a screen shows anyway, peaks and troughs kept."""

from __future__ import annotations

import numpy as np

from soakproof.totals import Array


def thin(x: Array, y: Array, limit: int) -> tuple[Array, Array]:
    """Return at most about ``limit`` points of a line: of each stretch its first, lowest, highest and last one.

    Drawn at ``limit / 4`` pixels or fewer, the line looks as the whole would (M4, Jugel et al. 2014).
    """
    if len(x) <= limit:
        return x, y
    edges = np.linspace(0, len(x), limit // 4 + 1).astype(int)
    starts, stops = edges[:-1], edges[1:]
    stretches = [y[start:stop] for start, stop in zip(starts, stops, strict=True)]
    lowest = starts + np.array([int(np.argmin(stretch)) for stretch in stretches])
    highest = starts + np.array([int(np.argmax(stretch)) for stretch in stretches])
    keep = np.unique(np.concatenate([starts, lowest, highest, stops - 1]))
    return x[keep], y[keep]

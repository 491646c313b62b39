"""Exact intervals for shares: Clopper and Pearson 1934."""

from __future__ import annotations

from scipy import stats


def exact_interval(hits: int, runs: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the lowest and the highest share that do not contradict so many hits in so many runs.

    It never covers the truth less often than ``confidence``; with no runs it is everything.
    """
    tail = (1 - confidence) / 2
    low = float(stats.beta.ppf(tail, hits, runs - hits + 1)) if hits else 0.0
    high = float(stats.beta.ppf(1 - tail, hits + 1, runs - hits)) if hits < runs else 1.0
    return low, high

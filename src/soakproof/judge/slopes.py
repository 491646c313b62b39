"""Slopes and their intervals: Theil-Sen with Sen's interval, chance increments, and a moving-block bootstrap.

Every interval is two-sided at the given confidence; 0.9 leaves 5 % on either side, as two one-sided tests at 5 % want.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from soakproof.late import stats
from soakproof.totals import Array

POOL_COUNTS = 128
POOL_BYTES = 64
RESAMPLES = 999


class Interval(NamedTuple):
    """A slope in units of y per unit of x, and where it lies at the confidence asked for."""

    slope: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half of the interval's width."""
        return (self.high - self.low) / 2

    def join(self, *others: Interval) -> Interval:
        """Return the smallest interval around all, with this one's slope."""
        return Interval(
            self.slope, min(self.low, *(other.low for other in others)), max(self.high, *(o.high for o in others))
        )


def pool(x: Array, y: Array, limit: int) -> tuple[Array, Array]:
    """Average neighbours so that at most ``limit`` points are left: pairs grow with the square of the points."""
    if len(x) <= limit:
        return x, y
    edges = np.linspace(0, len(x), limit + 1).astype(int)[:-1]
    sizes = np.diff(np.append(edges, len(x)))
    return np.add.reduceat(x, edges) / sizes, np.add.reduceat(y, edges) / sizes


def theil_sen(x: Array, y: Array) -> float:
    """Return the median slope over all pairs of points (Theil 1950, Sen 1968)."""
    px, py = pool(x, y, POOL_COUNTS)
    first, second = _pairs(len(px))
    run, rise = px[second] - px[first], py[second] - py[first]
    return float(np.median(rise[run > 0] / run[run > 0])) if np.any(run > 0) else 0.0


@lru_cache(maxsize=16)
def _pairs(size: int) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], np.ndarray[tuple[int], np.dtype[np.intp]]]:
    first, second = np.triu_indices(size, k=1)
    return first, second


def sen_interval(x: Array, y: Array, confidence: float) -> Interval:
    """Return the Theil-Sen slope with Sen's interval (Sen 1968); exact for independent errors, ties allowed for."""
    px, py = pool(x, y, POOL_COUNTS)
    if np.ptp(py) == 0:
        return Interval(0.0, 0.0, 0.0)
    fit = stats.theilslopes(py, px, alpha=confidence)
    return Interval(float(fit.slope), float(fit.low_slope), float(fit.high_slope))


def chance_interval(x: Array, y: Array, confidence: float) -> Interval:
    """Return the interval of the mean growth when what is gained is gained by chance, and kept.

    What leaks by chance adds up: errors of the total are a random walk, for which Sen's interval is too narrow, while
    the gains between rest points are independent, with a variance in proportion to the connections between. Student's t
    over those gains, at clumps of any size. It is too wide, never too narrow, where errors do not add up.
    """
    run, rise = np.diff(x), np.diff(y)
    run, rise = run[run > 0], rise[run > 0]
    rate = rise.sum() / run.sum()
    freedom = len(run) - 1
    variance = ((rise - rate * run) ** 2 / run).sum() / freedom / run.sum()
    reach = student(freedom, (1 + confidence) / 2) * math.sqrt(variance)
    return Interval(float(rate), float(rate) - reach, float(rate) + reach)


@lru_cache(maxsize=256)
def student(freedom: int, probability: float) -> float:
    """Return a quantile of Student's t."""
    return float(stats.t.ppf(probability, freedom))


def rare_interval(x: Array, y: Array, confidence: float) -> Interval:
    """Return the exact Poisson interval (Garwood 1936) of the net gain over all connections.

    With nothing gained in N its upper end is 3/N at 95 %: a constant series has no spread to learn from, yet does not
    prove that the next connection leaves nothing.
    """
    gained = max(float(y[-1] - y[0]), 0.0)
    low, high = poisson_limits(gained, (1 - confidence) / 2)
    span = float(x[-1] - x[0])
    return Interval(gained / span, low / span, high / span)


@lru_cache(maxsize=4096)
def poisson_limits(count: float, alpha: float) -> tuple[float, float]:
    """Return the lower and upper limit of a Poisson mean, each wrong with probability ``alpha`` at most."""
    low = float(stats.chi2.ppf(alpha, 2 * count)) / 2 if count > 0 else 0.0
    return low, float(stats.chi2.ppf(1 - alpha, 2 * count + 2)) / 2


def block_interval(x: Array, y: Array, confidence: float, seed: int) -> Interval:
    """Return the Theil-Sen slope with a moving-block bootstrap interval (Künsch 1989), for autocorrelated errors.

    Residuals are resampled in blocks of about the root of the points and put back on the line. Of few points neither
    the blocks nor the residuals show how far the errors wander: `_widening` makes up for it.
    """
    px, py = pool(x, y, POOL_BYTES)
    slope, size = theil_sen(px, py), len(px)
    residuals = py - slope * px
    residuals = residuals - residuals.mean()
    noise = residuals[_blocks(size, seed)]
    first, second = _pairs(size)
    slopes = np.median((noise[:, second] - noise[:, first]) / (px[second] - px[first]), axis=1)
    low, high = np.quantile(slopes, [(1 - confidence) / 2, (1 + confidence) / 2])
    widen = _widening(size, confidence)
    return Interval(slope, slope + float(min(low, 0)) * widen, slope + float(max(high, 0)) * widen)


@lru_cache(maxsize=64)
def _widening(size: int, confidence: float) -> float:
    """Return how much wider than the plain bootstrap's an interval must be to keep its word.

    Student's t in place of the normal, and the freedom that the line took from the residuals; then 1 + 7/√n, by
    simulation: so much covers errors with the lag-1 autocorrelation of heap bytes, 0.82, at 90 % (docs/adr/0011).
    """
    tail = (1 + confidence) / 2
    heavier = student(size - 2, tail) / float(stats.norm.ppf(tail))
    return heavier * math.sqrt(size / (size - 2)) * (1 + 7 / math.sqrt(size))


@lru_cache(maxsize=16)
def _blocks(size: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.intp]]:
    """Return the resampled places, one row per resample: the same for all metrics, so that their order is nothing."""
    length = max(3, round(size**0.5))
    starts = np.random.default_rng(seed).integers(0, size - length + 1, size=(RESAMPLES, -(-size // length)))
    return (starts[:, :, None] + np.arange(length)).reshape(RESAMPLES, -1)[:, :size]

"""Slopes and intervals, on series whose truth is known."""

import math

import numpy as np
import pytest

from soakproof.judge.slopes import (
    Interval,
    block_interval,
    chance_interval,
    poisson_limits,
    pool,
    rare_interval,
    sen_interval,
    student,
    theil_sen,
)
from soakproof.judge.slopes import _widening as widening

X = np.arange(1.0, 12.0) * 600


def test_line_has_its_own_slope():
    """The Theil-Sen slope of a line is the line's, whatever one outlier does."""
    y = 3.0 * X
    y[4] += 1e6
    assert theil_sen(X, y) == pytest.approx(3.0)


def test_points_without_connections_between_have_no_slope():
    """Points at the same place say nothing about growth."""
    assert theil_sen(np.ones(4), np.arange(4.0)) == 0.0


def test_constant_series_has_no_spread():
    """Sen's interval of a constant series is the point 0."""
    assert sen_interval(X, np.full(11, 42.0), 0.9) == Interval(0.0, 0.0, 0.0)


def test_sen_interval_covers_independent_errors():
    """Sen's 90 % interval holds the true slope in about 90 of 100 series with independent errors."""
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(150):
        interval = sen_interval(X, 0.01 * X + rng.normal(0, 5, 11), 0.9)
        held += interval.low <= 0.01 <= interval.high
    assert 0.84 <= held / 150 <= 0.97


def test_chance_interval_covers_what_leaks_by_chance():
    """Where errors add up, Sen's interval is too narrow and the interval of the gains is not."""
    rng = np.random.default_rng(2)
    sen_held = chance_held = 0
    for _ in range(150):
        y = np.cumsum(5.0 * rng.poisson(12.0, 11))
        sen, chance = sen_interval(X, y, 0.9), chance_interval(X, y, 0.9)
        sen_held += sen.low <= 0.1 <= sen.high
        chance_held += chance.low <= 0.1 <= chance.high
    assert chance_held / 150 >= 0.86
    assert sen_held / 150 < 0.7


def test_chance_interval_weighs_gains_by_connections():
    """A stretch with ten times the connections counts ten times, and a stretch without any does not count."""
    x = np.array([0.0, 100, 200, 200, 1200])
    interval = chance_interval(x, 2.0 * x, 0.9)
    assert interval == pytest.approx((2.0, 2.0, 2.0))


def test_nothing_in_n_leaves_three_over_n():
    """With nothing gained in N connections at most 3/N each is gained, at 95 %."""
    interval = rare_interval(X, np.zeros(11), 0.9)
    assert interval.low == 0.0
    assert interval.high == pytest.approx(3.0 / 6000, rel=0.002)


def test_poisson_limits_are_garwoods():
    """The limits of ten events are those of the tables, 5.43 and 16.96 at 5 % on either side."""
    assert poisson_limits(10.0, 0.05) == pytest.approx((5.43, 16.96), abs=0.01)


def test_loss_counts_as_nothing_gained():
    """A registry that shrank gained nothing."""
    assert rare_interval(X, -X, 0.9).slope == 0.0


@pytest.mark.parametrize(("points", "lag"), [(11, 0.82), (25, 0.82), (25, 0.0)])
def test_block_interval_covers_autocorrelated_errors(points, lag):
    """The bootstrap's 90 % interval holds the true slope although the errors remember each other."""
    rng = np.random.default_rng(points)
    x, held = np.arange(float(points)), 0
    for _ in range(80):
        noise = rng.normal(0, 1, points)
        for at in range(1, points):
            noise[at] = lag * noise[at - 1] + (1 - lag**2) ** 0.5 * noise[at]
        interval = block_interval(x, 3.0 * x + noise, 0.9, seed=7)
        held += interval.low <= 3.0 <= interval.high
    assert held / 80 >= 0.82


def test_block_interval_is_seeded():
    """The same series and seed give the same interval, another seed another."""
    y = np.random.default_rng(3).normal(0, 1, 11)
    assert block_interval(X, y, 0.9, 7) == block_interval(X, y, 0.9, 7)
    assert block_interval(X, y, 0.9, 7) != block_interval(X, y, 0.9, 8)


def test_long_series_are_pooled():
    """A thousand points become a hundred averages that lie on the same line; a short series is left alone."""
    x = np.arange(1000.0)
    px, py = pool(x, 2 * x, 100)
    assert len(px) == 100
    np.testing.assert_allclose(py, 2 * px)
    assert pool(x, x, 1000)[0] is x


def test_intervals_join_to_the_widest():
    """Joining keeps the first slope and the outermost ends."""
    joined = Interval(1.0, 0.5, 1.5).join(Interval(2.0, 0.7, 3.0))
    assert joined == Interval(1.0, 0.5, 3.0)
    assert joined.half_width == 1.25


def test_student_is_heavier_than_normal():
    """With nine degrees of freedom 1.83 standard errors leave 5 % above."""
    assert student(9, 0.95) == pytest.approx(1.833, abs=0.001)


def test_few_points_of_bytes_widen_the_interval_by_what_was_simulated():
    """Student's t in place of the normal, the line's freedom, and 1 + 7/√n: 3.65 times of twelve points at 90 %."""
    assert widening(12, 0.9) == pytest.approx(1.8125 / 1.6449 * math.sqrt(12 / 10) * (1 + 7 / math.sqrt(12)), rel=1e-3)
    assert widening(1000, 0.9) < widening(12, 0.9) < widening(12, 0.98)

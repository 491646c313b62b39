"""Bounds that need no slope."""

import pytest

from soakproof.judge.bounds import MOST_MORE_WAVES, drained_bound, little_bound, retained_bound, waves_to_decide
from soakproof.judge.slopes import Interval
from tests.fed_series import feed_series


def test_little_bound_is_stay_times_arrivals():
    """100 connections a second that stay 3 s are 300, and by chance 354 one time in a thousand."""
    assert little_bound(100.0, 3.0) == pytest.approx(353.5, abs=0.1)


def test_empty_registry_is_bounded_by_what_came():
    """A registry that ends empty has kept at most a few of its thousands of connections."""
    bound = retained_bound(feed_series("registry:a", [50.0] * 10, drained=0.0), 0.05)
    assert 3 / 6600 < bound < 0.005


def test_fewest_late_entries_bound_the_leak():
    """A sawtooth that was once down to 3 in its later half cannot have leaked more than about 3."""
    low_late = retained_bound(feed_series("registry:a", [400, 500, 600, 700, 400, 500, 3, 600]), 0.05)
    low_early = retained_bound(feed_series("registry:a", [400, 3, 600, 700, 400, 500, 600, 600]), 0.05)
    assert low_late < 0.005 < low_early


def test_drained_bound_subtracts_the_level_before_the_load():
    """Objects that come back to where the line started were lingering; those that stay above it were not."""
    grown = [1000.0 + 600 * at for at in range(2, 12)]
    back = drained_bound(feed_series("heap:objects", grown, drained=1000.0), 1.0, 0.05)
    kept = drained_bound(feed_series("heap:objects", grown, drained=2000.0), 1.0, 0.05)
    assert back < 0.001
    assert kept > 0.15


def test_more_waves_are_told_by_the_width():
    """An interval four times too wide needs two and a half times the points."""
    assert waves_to_decide(Interval(0.0, -0.02, 0.02), 0.005, 10) == 16


def test_slope_at_the_margin_never_decides():
    """No number of waves tells a slope at the margin from it."""
    assert waves_to_decide(Interval(0.005, 0.0, 0.01), 0.005, 10) == MOST_MORE_WAVES


def test_at_least_one_wave_more():
    """A decided interval still asks for one."""
    assert waves_to_decide(Interval(0.0, 0.0, 0.0), 0.005, 10) == 1


def test_a_constant_series_needs_as_many_connections_as_chance_asks():
    """Where nothing grew, the upper end falls as one over the connections: at twice the margin, twice the waves."""
    assert waves_to_decide(Interval(0.0, 0.0, 0.010), 0.005, 8) == 7
    assert waves_to_decide(Interval(0.0, 0.0, 0.0051), 0.005, 8) == 1

"""Exact intervals for shares."""

from __future__ import annotations

import pytest
from scipy import stats

from benchmarks.accuracy.intervals import exact_interval


def test_three_of_three_prove_little():
    """Three hits in three runs leave room down to 29 %."""
    assert exact_interval(3, 3) == (pytest.approx(0.2924, abs=1e-4), 1.0)


def test_no_alarm_in_three_hundred_runs():
    """No alarm in 300 runs: at most 1.22 %."""
    assert exact_interval(0, 300) == (0.0, pytest.approx(0.01222, abs=1e-5))


def test_no_runs_say_nothing():
    """Without runs any share is possible."""
    assert exact_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.9, 0.98])
def test_it_covers_the_truth_as_often_as_it_says(share):
    """Over all outcomes of 25 runs the interval holds the true share in at least 95 % of cases."""
    covered = 0.0
    for hits in range(26):
        low, high = exact_interval(hits, 25)
        covered += stats.binom.pmf(hits, 25, share) * (low <= share <= high)
    assert covered >= 0.95

"""The case: its interval by kind, its tail, whether growth ebbs."""

from dataclasses import replace

import numpy as np
import pytest

from soakproof.judge.readings import Readings
from tests.fed_series import feed_case

LINE = [600.0 * at for at in range(2, 14)]


def test_too_few_points_have_no_interval():
    """With four points the interval is without end and nothing is sure."""
    case = feed_case("registry:a", [1, 2, 3, 4])
    assert (case.interval.low, case.interval.high) == (-np.inf, np.inf)
    assert case.surely == -np.inf


def test_interval_is_as_wide_as_chance_where_nothing_goes():
    """A series that only rises may have risen by chance; one that goes up and down has noise that does not add up."""
    clumps = feed_case("registry:a", np.cumsum([0, 0, 40, 0, 0, 0, 40, 0, 0, 0]))
    noise = feed_case("registry:a", [40, 0, 40, 0, 40, 0, 40, 0, 40, 0])
    assert clumps.interval.high > 2 * 40 / 600 / 9
    assert noise.interval.high < clumps.interval.high
    assert noise.surely < noise.interval.low


def test_totals_of_the_process_are_convicted_by_steady_gains_alone():
    """A ring that fills by fits and starts, as on a real clean run, is no leak; the same growth in even steps is."""
    filling = feed_case("heap:blocks", [0, 71, 203, 330, 418, 337, 369, 427], clients=259)
    assert filling.interval.low > filling.bar > filling.surely
    steady = feed_case("heap:blocks", [61 * wave for wave in range(8)], clients=259)
    assert steady.surely > steady.bar


def test_bytes_have_the_bootstrap():
    """The interval of bytes is seeded from the run."""
    values = np.random.default_rng(1).normal(0, 1e5, 12)
    assert feed_case("process:uss", values).interval == feed_case("process:uss", values).interval


def test_tail_is_half_and_at_least_six():
    """Twelve points have a tail of six, twenty of ten, six none."""
    assert len(feed_case("registry:a", LINE).tail.x) == 6
    assert len(feed_case("registry:a", range(20)).tail.x) == 10
    assert feed_case("registry:a", range(6)).tail is None
    assert feed_case("registry:a", [at * 6.0 for at in range(6)]).tail_slope == pytest.approx(0.01)


def test_leak_does_not_ebb():
    """A line keeps its rate; neither does a series too short to tell ebb."""
    assert not feed_case("registry:a", LINE).is_slowing
    assert not feed_case("registry:a", range(6)).is_slowing


def test_filling_set_ebbs():
    """A set of a thousand names that connections draw from fills ever more slowly."""
    names = [1000 * (1 - np.exp(-0.6 * at)) for at in range(2, 14)]
    assert feed_case("container:a", names).is_slowing


def test_step_then_line_does_not_ebb():
    """A warm-up that is steeper than the leak after it does not hide the leak."""
    values = [300.0 * at for at in range(6)] + [1500.0 + 60 * at for at in range(1, 7)]
    assert not feed_case("container:a", values).is_slowing


def test_p_value_falls_with_the_slope():
    """A slope below the margin has 1, an exact one above 0, a noisy one between."""
    noisy = [10 * at + (-1) ** at * 3 for at in range(10)]
    assert feed_case("container:a", [0.0] * 10).p_value == 1.0
    assert feed_case("container:a", LINE).p_value < 1e-6
    assert 0.0 < feed_case("container:a", noisy).p_value < 0.05
    assert feed_case("heap:blocks", LINE, margin=0.0).p_value < 1e-6


def test_little_bound_needs_rate_and_stay():
    """Little's bound comes from the declared time-to-live, else from the measured stay, else not at all."""
    declared = feed_case("registry:a", LINE, bound={"ttl_s": 3.0}, readings=Readings(rate=100.0))
    measured = feed_case("registry:a", LINE, readings=Readings(rate=100.0, lingered_s=3.0))
    assert declared.little == measured.little == pytest.approx(353.5, abs=0.1)
    assert feed_case("registry:a", LINE, readings=Readings(rate=100.0)).little is None
    assert feed_case("registry:a", LINE, bound={"ttl_s": 3.0}).little is None


def test_what_only_rises_hoards():
    """A registry that never lost anything hoards; one that is empty, or fell in the drain, does not."""
    assert feed_case("registry:a", LINE).is_hoarding
    assert not feed_case("registry:a", LINE, drained=5.0).is_hoarding
    assert not feed_case("registry:a", [0.0] * 8).is_hoarding


def test_retained_bound_errs_at_the_case_s_rate():
    """At a higher confidence more may have been left for good."""
    usual, careful = (feed_case("registry:a", [4, 9, 3, 8, 5, 7], confidence=confidence) for confidence in (0.9, 0.98))
    assert usual.retained < careful.retained


def test_totals_have_a_bar_above_what_is_stray():
    """Thirty blocks between rest points are nothing to waves of 600, and all the growth that waves of 100 show."""
    assert feed_case("heap:blocks", LINE).bar == 0.05
    assert feed_case("heap:blocks", LINE, clients=100).bar == 0.3
    assert feed_case("type:a", LINE, clients=100).bar == 0.05
    assert feed_case("heap:in_use_bytes", LINE, clients=1).bar == 16.0


def test_case_tells_what_its_rates_are_per_and_which_margin_was_asked_for():
    """Events when held; the margin that was asked for only where waves are too small to resolve it."""
    case = feed_case("registry:a", [5.0] * 10)
    assert (case.per, replace(case, is_held=True).per) == ("connection", "event")
    assert case.asked_margin == {}
    assert not case.is_moving
    assert feed_case("heap:objects", [5.0] * 10, clients=100).asked_margin == {"asked_margin": 0.05}


def test_blocks_that_rise_ever_more_slowly_fade():
    """Caches that fill on a clean server, as read from one, are no leak; even steps of their mean are."""
    filling = feed_case("heap:blocks", [0, 110, 205, 285, 350, 405, 450, 482], clients=100)
    assert filling.surely > filling.bar
    assert filling.tail_slope > filling.bar
    assert filling.is_slowing
    assert not feed_case("heap:blocks", [69 * wave for wave in range(8)], clients=100).is_slowing


def test_each_process_may_have_stray_blocks():
    """Thirty blocks between rest points of two workers are sixty of both."""
    one, two = feed_case("heap:blocks", LINE), feed_case("heap:blocks", LINE)
    two.series.columns.update({1: two.series.y, 2: two.series.y})
    assert two.bar == pytest.approx(2 * one.bar)

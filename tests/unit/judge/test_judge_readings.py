"""What ticks say of a metric: steady values, how long it lingered, what came of late."""

import msgspec
import pytest

from soakproof.judge.readings import Ticker
from soakproof.judge.series import read_series
from soakproof.plans import Bound
from tests.synthetic_drafts import LOCKS, PING_TASKS, RATE, SESSIONS
from tests.synthetic_runs import make_run


def series_of(run, metric):
    return next(series for series in read_series(run) if series.metric == metric)


def test_lingering_tasks_are_timed_from_the_last_connection():
    """Ping tasks that stay 5 s after the last client are measured at 5 s."""
    run = make_run("lingering")
    readings = Ticker(run).read(series_of(run, PING_TASKS), None)
    assert readings.lingered_s == pytest.approx(5.0, abs=0.3)


def test_clients_of_the_drain_are_not_the_last():
    """The few clients that come in the drain do not shorten the stay of what was there before them."""
    run = make_run("lingering")
    run.waves.append(msgspec.structs.replace(run.waves[-1], phase="drain", t_end_s=run.waves[-1].t_end_s + 4))
    assert Ticker(run).read(series_of(run, PING_TASKS), None).lingered_s == pytest.approx(5.0, abs=0.3)


def test_what_never_rose_does_not_linger():
    """A registry that was empty all along has no stay."""
    run = make_run()
    assert Ticker(run).read(series_of(run, LOCKS), None).lingered_s is None


def test_what_is_not_down_again_has_no_stay():
    """If no reading of the drain is as low as the last, nothing was measured."""
    run = make_run("lingering")
    series = series_of(run, PING_TASKS)
    for sample in run.samples:
        if sample.phase == "drain":
            sample.metrics[PING_TASKS] = 99.0
    assert Ticker(run).lingered_s(series) is None


def test_without_a_drain_there_is_no_stay():
    """A run whose drain did not settle measures no stay."""
    run = make_run("lingering")
    for sample in run.samples:
        sample.is_settled = sample.is_settled and sample.phase != "drain"
    assert Ticker(run).lingered_s(series_of(run, PING_TASKS)) is None


def test_back_at_once_lingers_from_the_first_reading():
    """A metric that no tick of the drain shows above its last reading was down at the first of them."""
    run = make_run("lingering")
    series = series_of(run, PING_TASKS)
    for sample in run.samples:
        if sample.phase == "drain":
            sample.metrics[PING_TASKS] = 0.0
    assert Ticker(run).lingered_s(series) < 3.0


def test_steady_phase_is_read_for_a_declared_time_to_live():
    """The steady values and the young are read where a time-to-live asks, and not elsewhere."""
    run = make_run("ttl")
    series = series_of(run, SESSIONS)
    declared = Ticker(run).read(series, Bound(ttl_s=3.0))
    assert len(declared.steady) > 50
    assert declared.rate == pytest.approx(0.99 * RATE)
    assert declared.young == 0.0
    assert len(Ticker(run).read(series, Bound(max_items=5)).steady) == 0


def test_young_are_those_that_came_within_the_time():
    """Within a time longer than the run, all connections are young."""
    run = make_run()
    ticker = Ticker(run)
    assert ticker.opened_within(1e6) == run.samples[-1].connections
    assert ticker.opened_within(0.01) == 0.0


def test_processes_are_summed_reading_by_reading():
    """Each worker's reading stands until its next, a missing one changes nothing; the sum is what both hold."""
    run = make_run("ttl")
    steady = [sample for sample in run.samples if sample.phase == "steady"]
    for at, sample in enumerate(steady):
        sample.pid = at % 2
        sample.metrics = {SESSIONS: 10.0 + sample.pid}
    steady[1].metrics = {}
    assert Ticker(run).trace(SESSIONS, "steady")[1].tolist()[:3] == [10.0, 10.0, 21.0]

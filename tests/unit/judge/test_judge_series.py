"""From samples to series: which rest points are fitted, and what absent metrics were."""

import math

import msgspec
import numpy as np
import pytest

from soakproof.judge.restpoints import find_drains, fitted_places, rest_points
from soakproof.judge.series import above_lowest, fill_column, find_peaks, lowest_at_rest, read_series
from soakproof.samples import Metric
from tests.fed_series import feed_series
from tests.synthetic_drafts import LOCKS, PID
from tests.synthetic_runs import feed, make_run, with_second_process


def series_of(run, metric):
    return next(series for series in read_series(run) if series.metric == metric)


def test_fit_starts_at_the_last_warmup_and_ends_with_steady():
    """Baseline, early warm-up and drain are not fitted; the last warm-up, ten waves and the steady phase are."""
    run = make_run(waves=10)
    points = rest_points(run)
    phases = [points[at].phase for at in fitted_places(points)]
    assert phases == ["warmup"] + ["wave"] * 10 + ["steady"]
    assert points[find_drains(points, run).last[0]].phase == "drain"


def test_unsettled_points_are_not_fitted():
    """What did not settle is left out, the drain included."""
    run = make_run("unsettled")
    for sample in run.samples:
        sample.is_settled = sample.is_settled and sample.phase != "drain"
    points = rest_points(run)
    assert [points[at].phase for at in fitted_places(points)] == ["warmup", "steady"]
    assert find_drains(points, run) == ([], [], [])
    assert series_of(run, LOCKS).drained is None


def test_of_points_without_connections_between_the_latest_stands():
    """A wave that opened nothing is not a point of its own: x rises strictly."""
    run = make_run()
    for sample in run.samples:
        if sample.wave == 5:
            sample.connections = 600 * 5
    x = series_of(run, LOCKS).x
    assert np.all(np.diff(x) > 0)
    assert len(x) == 11


def test_series_has_values_against_connections():
    """The values stand where the run put them, against cumulative connections."""
    series = series_of(feed({LOCKS: [0, 1, 2, 3, 4, 5, 6]}), LOCKS)
    assert series.y.tolist() == [0, 1, 2, 3, 4, 5, 6, 6]
    assert series.x.tolist() == [1200, 1800, 2400, 3000, 3600, 4200, 4800, 6800]
    assert (series.kind, series.name, series.unit, series.is_bytes) == ("registry", LOCKS[9:], "entries", False)
    assert (series.drained, series.last, series.x_end) == (6.0, 6.0, 6800.0)


def test_held_waves_count_events():
    """With held clients the denominator is events."""
    run = make_run()
    run.header.plan.is_held = True
    for sample in run.samples:
        sample.events = 10 * sample.connections
    assert series_of(run, LOCKS).x[0] == 12_000.0


def test_processes_are_summed_and_kept_apart():
    """Two workers count together, and each keeps its column and its peak."""
    run = with_second_process(feed({LOCKS: [1, 2, 3, 4, 5, 6, 7]}))
    series = series_of(run, LOCKS)
    assert series.y.tolist() == [2, 4, 6, 8, 10, 12, 14, 14]
    assert series.columns[PID].tolist() == [1, 2, 3, 4, 5, 6, 7, 7]
    assert series.peak == 2 * series.process_peak


def test_absent_counts_were_the_reference_and_are_zero_after():
    """Before its first appearance a count is its reference; when it is gone again it is 0."""
    points = rest_points(feed({LOCKS: [0] * 7}))
    for point, value in zip(points, [None, None, 7, None, 8], strict=False):
        metrics = point.samples[PID].metrics
        metrics.pop(LOCKS)
        if value is not None:
            metrics[LOCKS] = value
    column = fill_column(LOCKS, PID, points[:5], reference=3.0)
    assert column.tolist() == [3, 3, 7, 0, 8]


def test_reference_comes_from_the_metrics_record():
    """A container that is first reported in the sixth wave stood at its reference before."""
    run = make_run()
    run.metrics["container:app:cache"] = Metric(metric="container:app:cache", reference=4.0)
    for sample in run.samples:
        if sample.kind == "rest" and (sample.wave or 0) > 6:
            sample.metrics["container:app:cache"] = 5.0
    assert series_of(run, "container:app:cache").y.tolist() == [4] * 6 + [5] * 6


def test_each_process_has_a_reference_of_its_own():
    """Of two workers that held 10 and 40 before they were first reported, both together held 50, and not 20."""
    run = with_second_process(make_run())
    run.metrics["container:app:cache"] = Metric(metric="container:app:cache", pid=PID, reference=10.0)
    run.references = {("container:app:cache", PID): 10.0, ("container:app:cache", PID + 1): 40.0}
    for sample in run.samples:
        if sample.kind == "rest" and (sample.wave or 0) > 6:
            sample.metrics["container:app:cache"] = 10.0 if sample.pid == PID else 39.0
    assert series_of(run, "container:app:cache").y.tolist() == [50] * 6 + [49] * 6


def test_a_stored_reference_that_names_no_process_is_of_all():
    """Runs that were stored before references were of processes are read as they were."""
    run = with_second_process(make_run())
    run.metrics["container:app:cache"] = Metric(metric="container:app:cache", reference=10.0)
    for sample in run.samples:
        if sample.kind == "rest" and (sample.wave or 0) > 6:
            sample.metrics["container:app:cache"] = 10.0
    assert series_of(run, "container:app:cache").y.tolist() == [20] * 12


def test_absent_memory_is_missing():
    """A reading of memory that is not there is no zero: the point is left out."""
    run = make_run()
    for sample in run.samples:
        if sample.wave == 4 or sample.phase == "drain":
            sample.metrics.pop("process:uss", None)
    series = series_of(run, "process:uss")
    assert len(series.x) == 11
    assert series.drained is None
    assert math.isnan(fill_column("process:uss", PID, rest_points(run), 0.0)[5])


def test_process_that_never_names_a_metric_has_none():
    """A worker without the container adds nothing; one that is not there at a rest point has no column of its own."""
    run = with_second_process(feed({LOCKS: [1] * 7}))
    for sample in run.samples:
        if sample.pid == PID + 1:
            sample.metrics.pop(LOCKS, None)
    run.samples.remove(next(s for s in run.samples if s.kind == "rest" and s.pid == PID + 1))
    assert series_of(run, LOCKS).y.tolist() == [1.0] * 8
    assert find_peaks(run.samples)[PID + 1].get(LOCKS) is None


def test_peak_is_the_highest_tick():
    """The peak is what was open at once, not what was left at rest."""
    assert series_of(make_run(), "library:eio.sockets").peak > 500


def test_second_pass_is_not_judged():
    """Samples of the traced waves are neither points nor peaks."""
    run = make_run()
    last = run.samples[-1]
    traced = msgspec.structs.replace(last, phase="trace", connections=99_999, metrics={LOCKS: 1e9})
    run.samples.append(traced)
    series = series_of(run, LOCKS)
    assert series.peak < 1e9
    assert series.x_end == last.connections


def test_run_without_rest_points_has_no_series():
    """No reading, no series."""
    run = make_run()
    run.samples = []
    assert read_series(run) == []


def test_tail_is_the_later_part():
    """A tail has the later points and everything else of its series."""
    tail = feed_series("registry:a", range(10), drained=3.0).tail(4)
    assert tail.y.tolist() == [4, 5, 6, 7, 8, 9]
    assert tail.columns[1].tolist() == tail.y.tolist()
    assert tail.last == 3.0


def test_a_supervisor_read_at_the_baseline_alone_has_no_column():
    """A process that was let go once clients came leaves no gap in the memory of those that serve."""
    run = with_second_process(make_run())
    run.samples = [sample for sample in run.samples if sample.pid == PID or sample.phase == "baseline"]
    series = series_of(run, "process:uss")
    assert list(series.columns) == [PID]
    assert len(series.y) == len(series_of(run, LOCKS).y) > 0


def test_each_process_has_its_own_reading():
    """Where two workers serve, what is left is told of each; a single one has no column beside the total."""
    assert series_of(make_run(), LOCKS).by_process() == {}
    series = series_of(with_second_process(make_run()), LOCKS)
    assert series.by_process() == dict.fromkeys((PID, PID + 1), series.y[-1] / 2)


def test_the_drain_waits_for_the_lowest_that_each_counter_ever_was_at_rest():
    """Sessions that a timer sweeps now and then were at 0 once, and come back to that; memory is not waited for."""
    run = feed({LOCKS: [400.0, 0.0, 200.0, 400.0, 0.0, 200.0, 400.0, 600.0]})
    lowest = lowest_at_rest(run)
    assert lowest[LOCKS] == 0.0
    assert not [metric for metric in lowest if metric.startswith("process:")]
    assert "type:server.documents.Lock" not in lowest


@pytest.mark.parametrize(("last", "is_above"), [(600.0, True), (0.0, False)])
def test_what_is_above_its_lowest_may_come_down_in_the_drain(last, is_above):
    """Timers that come and go stand high at one rest point and at nothing at the next; what never moved does not."""
    above = above_lowest(feed({LOCKS: [400.0, 0.0, 200.0, 400.0, 0.0, 200.0, 400.0, last]}))
    assert (LOCKS in above) is is_above
    assert "library:environ" not in above


HEAP = "heap:in_use_bytes"


def grow_by_a_crowd(crowd):
    """Return the heap's series of a run that takes a step of 200 kB in its steady phase, of so many clients at once."""
    run = feed({HEAP: [3e7] * 11})
    steady = next(wave for wave in run.waves if wave.phase == "steady")
    steady.peak_clients = crowd
    for sample in run.samples:
        if sample.kind == "rest" and sample.phase in {"steady", "drain"}:
            sample.metrics[HEAP] = 3e7 + 2e5
    return next(series for series in read_series(run) if series.metric == HEAP)


def test_a_larger_crowd_than_any_before_pays_a_new_high_water_mark():
    """Memory that came with it is no growth per connection."""
    assert list(grow_by_a_crowd(crowd=900).y) == [3e7] * 12


def test_memory_that_comes_with_the_usual_crowd_is_growth():
    """The same step, of as many clients as there were in each wave, stays."""
    assert grow_by_a_crowd(crowd=600).y[-1] == 3e7 + 2e5


def test_the_load_that_came_again_stands_between_two_drains():
    """The last drain is what is left; the one before that load is kept with its connections, and no other look is."""
    run = make_run("lingering")
    first = next(sample for sample in run.samples if sample.phase == "drain" and sample.kind == "rest")
    again = msgspec.structs.replace(run.waves[-1], index=90, phase="again", t_start_s=first.t_s + 1, opened=600)
    run.waves.append(again)
    metrics = {**first.metrics, LOCKS: 7.0}
    moved = {"t_s": first.t_s + 60, "connections": first.connections + 600, "wave": 90, "metrics": metrics}
    run.samples.append(msgspec.structs.replace(first, **moved))
    series = series_of(run, LOCKS)
    assert (series.drained, series.drained_before) == (7.0, None)
    assert series.drained_once == (first.connections, first.metrics[LOCKS])
    assert series.x_end == first.connections + 600

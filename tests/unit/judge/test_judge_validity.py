"""Never green for what was not seen: each reason why a run cannot be judged."""

import math

import msgspec
import pytest

from soakproof.judge import validity
from soakproof.samples import End, Executed, Metric
from soakproof.wording import say_warning
from tests.synthetic_drafts import PID
from tests.synthetic_runs import make_run


def find_broken(run):
    """Return the sentences of what is broken."""
    return map(say_warning, validity.find_broken(run))


def find_incomplete(run):
    """Return the sentences of what is incomplete."""
    return map(say_warning, validity.find_incomplete(run))


def find_doubts(run):
    """Return the sentences of what belongs beside the verdict."""
    return map(say_warning, validity.find_doubts(run))


def drop_metrics(run, *prefixes):
    for sample in run.samples:
        sample.metrics = {m: v for m, v in sample.metrics.items() if not m.startswith(prefixes)}
    return run


def test_whole_run_has_nothing_against_it():
    """A healthy run is neither broken nor incomplete nor doubtful."""
    run = make_run()
    assert [*find_broken(run), *find_incomplete(run), *find_doubts(run)] == []


def test_no_connection_is_broken():
    """A load that never connected judges nothing."""
    run = make_run()
    for wave in run.waves:
        wave.opened = 0
    assert next(find_broken(run)).startswith("no connection was made")


def test_no_rest_point_is_broken():
    """Without a reading at rest there is nothing to judge."""
    run = make_run()
    run.samples = [sample for sample in run.samples if sample.kind == "tick"]
    assert next(find_broken(run)).startswith("no rest point was read")


def test_no_registry_is_broken():
    """A server in which not even objects were counted was not seen; one without any registry is judged by the rest."""
    bare = drop_metrics(make_run(), "registry", "library", "container")
    assert not list(find_broken(bare))
    unseen = drop_metrics(bare, "heap")
    assert [reason.split(";")[0] for reason in find_broken(unseen)] == ["nothing was counted in the target"]


def test_no_process_is_broken():
    """A process whose memory was never read was not observed."""
    assert next(find_broken(drop_metrics(make_run(), "process"))).startswith("the memory of the process")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_nonsense_is_broken(value):
    """A reading that is no number names its metric and its time."""
    run = make_run()
    run.samples[40].metrics["fd:total"] = run.samples[41].metrics["fd:total"] = value
    (reason,) = find_broken(run)
    assert reason.startswith(f"fd:total reads {value} at {run.samples[40].t_s:.1f} s")


def test_vanished_worker_is_broken():
    """A worker that was replaced took its counts with it."""
    run = make_run()
    for sample in run.samples:
        if (sample.wave or 0) > 5:
            sample.pid = 9
    (reason,) = find_broken(run)
    assert reason == (
        f"processes changed before wave 6: [{PID}] gone, [9] new; "
        "need the same workers throughout, so turn worker recycling off"
    )


def test_change_of_workers_is_told_with_its_place():
    """A worker that joins for the drain alone is told as well."""
    run = make_run()
    run.samples.append(msgspec.structs.replace(run.samples[-1], pid=9))
    assert next(find_broken(run)).startswith("processes changed before drain: none gone, [9] new")


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("target-died", "the target died"),
        ("load-failed", "the load generator failed"),
        ("agent-lost", "the agent was lost"),
    ],
)
def test_bad_end_is_incomplete(outcome, words):
    """A run that ended badly says how, and when, with the reason it was given."""
    run = make_run()
    run.end = End(t_s=1.0, outcome=outcome, reason="exit code 137")
    said = next(find_incomplete(run))
    assert said.startswith(f"{words} in the drain, 1 s into the run")
    assert said.endswith(": exit code 137; see target.log and locust.log")
    assert (" of RSS (" in said) == (outcome != "load-failed")


def test_no_end_is_incomplete():
    """A file that stops in the middle was cut short, and its missing waves are told too."""
    run = make_run("cut-short")
    run.waves = run.waves[:5]
    reasons = list(find_incomplete(run))
    assert reasons[0].startswith("the run has no end")
    assert reasons[1] == "3 of 10 waves were run; soak again"


def test_interrupted_run_is_judged_on_what_it_has():
    """Ctrl-C leaves fewer waves than planned, which is no error, and is said."""
    run = make_run("interrupted")
    run.waves = run.waves[:9]
    assert list(find_incomplete(run)) == []
    assert list(find_doubts(run)) == ["interrupted: judged on the waves that were finished"]
    last = run.waves[-1]
    run.samples = [sample for sample in run.samples if (sample.phase, sample.wave) != (last.phase, last.index)]
    assert list(find_incomplete(run)) == []  # it was interrupted while that wave settled
    run.waves.append(run.waves[-1])
    assert len(list(find_incomplete(run))) == 1  # one before it must have its rest point


def test_unreached_wave_is_incomplete():
    """A wave that opened less than 98 % is named."""
    run = make_run()
    run.waves[4].opened = 500
    reason = "wave 4 reached 500 of 600 connections; lower --clients or --rate, or add --workers"
    assert list(find_incomplete(run)) == [reason]


def test_failing_wave_is_incomplete():
    """More than one failure in twenty is named."""
    run = make_run()
    run.waves[4].failures = 31
    assert list(find_incomplete(run)) == ["wave 4: 31 failures in 600 connections; see locust.log"]


def test_waves_that_fail_alike_are_one_sentence():
    """A server that lets nobody in any more is told of once, and not wave by wave."""
    run = make_run()
    for wave in run.waves[4:8]:
        wave.failures = 590
    assert list(find_incomplete(run)) == ["wave 4: 590 failures in 600 connections, as in 3 more waves; see locust.log"]
    run.waves[5].opened = 500
    assert list(find_incomplete(run)) == [
        "wave 4: 590 failures in 600 connections, as in 2 more waves; see locust.log",
        "wave 5 reached 500 of 600 connections; lower --clients or --rate, or add --workers",
    ]


def test_a_target_that_died_at_once_is_no_matter_of_the_url():
    """How it ended says all: that no connection was made follows from it."""
    run = make_run()
    run.waves.clear()
    run.end = End(t_s=1.0, outcome="target-died", reason="it ended by itself")
    assert list(find_broken(run)) == []
    run.end = End(t_s=1.0, outcome="completed")
    assert next(find_broken(run)).startswith("no connection was made")


def test_what_failed_most_is_said():
    """A wave that was not reached because clients failed is no matter of too many clients."""
    run = make_run()
    run.waves[4].errors = {"WS connect: HTTP 403": 90, "WS connect: not connected within 10 s": 10}
    run.waves[4].failures = 100
    assert list(find_incomplete(run)) == [
        "wave 4: 100 failures in 600 connections (mostly: WS connect: HTTP 403); see locust.log"
    ]
    run.waves[4].opened = 500
    assert list(find_incomplete(run)) == [
        "wave 4 reached 500 of 600 connections (mostly: WS connect: HTTP 403); see locust.log"
    ]
    for wave in run.waves:
        wave.opened = 0
    assert next(find_broken(run)).startswith("no connection was made (mostly: WS connect: HTTP 403); see locust.log")


@pytest.mark.parametrize("phase", ["trace", "drain"])
def test_second_pass_and_drain_may_fall_short(phase):
    """Traced waves are slow, and the drain's few clients only give occasion; neither is judged."""
    run = make_run()
    run.waves.append(msgspec.structs.replace(run.waves[4], phase=phase, opened=1))
    assert list(find_incomplete(run)) == []


def test_wave_without_reading_is_incomplete():
    """A wave after which nothing was read is a missing sample."""
    run = make_run()
    run.samples = [sample for sample in run.samples if sample.kind == "tick" or sample.wave != 4]
    assert list(find_incomplete(run)) == ["wave 4 has no rest point; the target did not answer then, see target.log"]


def test_unreached_warmup_is_told():
    """Warm-up waves are not judged: one that fell short is told beside the verdict."""
    run = make_run()
    run.waves[0].opened = 300
    assert list(find_incomplete(run)) == []
    assert next(find_doubts(run)).startswith("warmup 0 reached 300 of 600 connections")


def test_unsettled_points_are_told():
    """Rest points that did not settle are named beside the verdict."""
    run = make_run()
    for sample in run.samples:
        sample.is_settled = sample.is_settled and sample.phase != "drain" and sample.wave != 4
    assert list(find_doubts(run)) == ["2 of 15 rest points did not settle and were not judged: wave 4, drain"]


def test_a_worker_without_clients_is_a_doubt():
    """A second worker that no client reached is named: the verdict is on the first."""
    run = make_run()
    twins = [msgspec.structs.replace(sample, pid=PID + 1, metrics=dict(sample.metrics)) for sample in run.samples]
    for twin in twins:
        twin.metrics["library:eio.sockets"] = 0.0
    run.samples = [sample for pair in zip(run.samples, twins, strict=True) for sample in pair]
    (doubt,) = find_doubts(run)
    assert doubt.startswith(f"process {PID + 1}: no client was seen there")


def test_a_process_that_is_not_judged_is_not_called_idle():
    """A tick of a process that no rest point has is passed over."""
    run = make_run()
    tick = next(sample for sample in run.samples if sample.kind == "tick")
    run.samples.append(msgspec.structs.replace(tick, pid=9))
    assert list(find_doubts(run)) == []


@pytest.mark.parametrize(
    ("functions", "ran", "moved", "is_told"),
    [(12, 0, False, True), (12, 1, False, False), (0, 0, False, False), (12, 0, True, False)],
)
def test_an_application_of_which_nothing_ran_is_not_judged(functions, ran, moved, is_told):
    """What was soaked is the library then, unless a container of the application moved or Python does not show it."""
    run = make_run()
    run.metrics = {name: info for name, info in run.metrics.items() if info.origin != "application"}
    if moved:
        run.metrics["registry:app.ROOMS"] = Metric(metric="registry:app.ROOMS", owner="app:ROOMS")
    run.executed = Executed(functions=functions, ran=ran, events=["connect", "say"])
    told = [reason for reason in find_incomplete(run) if reason.startswith("no line of the application ran")]
    assert bool(told) is is_told
    assert all("(say) with --join" in reason for reason in told)

"""A proof needs no slope: tasks that will never run again are convicted after one wave, unless any of them went."""

from __future__ import annotations

import pytest

from soakproof.judge import judge_run
from soakproof.judge.codes import Rule
from soakproof.judge.judge import waves_needed
from tests.synthetic_runs import feed

CLIENTS = 600
TASK = "task:Server._ask"


def make_run(counts, dead=(100, 100), drained=None, phases=("warmup", "wave")):
    """Return a run of one warm-up wave and some waves, after which there are so many tasks at the rest points."""
    run = feed({TASK: [0.0] * 11}, clients=CLIENTS)
    rest = [sample for sample in run.samples if sample.kind == "rest"]
    waves = [sample for sample in rest if sample.phase in phases][1 : len(counts) + 1]
    kept = [*(sample for sample in rest if sample.phase == "baseline"), *waves]
    for sample, count in zip(waves, counts, strict=True):
        sample.metrics[TASK] = count
        sample.never_again = {"Server._ask": dead}
    if drained is not None:
        kept.append(rest[-1])
        rest[-1].metrics[TASK] = drained
        rest[-1].never_again = {"Server._ask": dead} if drained else {}
    run.samples = [sample for sample in run.samples if sample.kind == "tick" or sample in kept]
    run.header.plan.waves = len(counts) - 1
    return run


def judged(run):
    """Return the finding on the tasks."""
    return next(each for each in judge_run(run).findings if each.metric == TASK)


def test_one_wave_is_enough():
    """With a warm-up wave and one wave there are two points, of which no slope is fitted; the proof stands."""
    run = make_run([600.0, 1200.0])
    finding = judged(run)
    assert (finding.verdict, finding.rule) == ("leak", Rule.NEVER_AGAIN)
    assert finding.values == {"gained": 1200, "of": finding.values["of"], "dead": 100, "looked_at": 100}
    assert finding.per_connection == pytest.approx(1200 / finding.values["of"])
    assert finding.ci == (finding.per_connection, finding.per_connection)  # counted, not estimated
    assert judge_run(run).verdict == "leak"
    assert waves_needed(run) == 0


@pytest.mark.parametrize(
    ("counts", "drained"),
    [
        ([600.0, 500.0], None),  # some went: they could be cancelled after all
        ([600.0, 1200.0], 0.0),  # all went in the drain
        ([600.0, 1200.0], 1100.0),  # some went in the drain
        ([20.0, 20.0], None),  # a pool that was filled once
        ([2.0, 4.0], None),  # a few
        ([3.0, 6.0], None),  # too few for so many connections
    ],
)
def test_what_goes_or_stays_as_it_is_proves_nothing(counts, drained):
    """The proof is of tasks that pile up; a server may keep some that wait for ever, and cancel others by a holder."""
    assert judged(make_run(counts, drained=drained)).rule != Rule.NEVER_AGAIN


def test_what_was_there_before_is_no_leak():
    """Tasks that waited for ever before the first client came are the server's own."""
    run = make_run([600.0, 602.0])
    baseline = next(sample for sample in run.samples if sample.kind == "rest" and sample.phase == "baseline")
    baseline.metrics[TASK] = 600.0
    baseline.never_again = {"Server._ask": (100, 100)}
    assert judged(run).rule != Rule.NEVER_AGAIN


def test_of_a_sample_in_which_few_are_dead_little_is_proven():
    """The share that is dead of those that were looked at counts, not all that wait."""
    finding = judged(make_run([600.0, 1200.0], dead=(25, 100)))
    assert finding.values["gained"] == 300


def test_held_clients_prove_nothing():
    """Whatever waits while its client is connected may be cancelled when it leaves."""
    run = make_run([600.0, 1200.0])
    run.header.plan.is_held = True
    assert judged(run).rule != Rule.NEVER_AGAIN


def test_what_did_not_settle_proves_nothing():
    """Where a wave had not come to rest the tasks may still have been at work."""
    run = make_run([600.0, 1200.0])
    for sample in run.samples:
        sample.is_settled = sample.is_settled and sample.phase not in {"wave", "warmup"}
    assert not [each for each in judge_run(run).findings if each.metric == TASK and each.rule == Rule.NEVER_AGAIN]

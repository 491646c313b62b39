"""What holds for every series: who is never convicted, who is never acquitted, and what changes nothing."""

import random
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soakproof.judge import judge_run
from soakproof.judge.rules import rule_on
from soakproof.judge.series import Series
from tests.fed_series import CLIENTS, feed_case
from tests.synthetic_runs import feed, make_run

COUNTS = ("registry:a", "container:a", "task:a", "type:a", "heap:blocks")
sizes = st.integers(min_value=5, max_value=40)
seeds = st.integers(min_value=0, max_value=2**32 - 1)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(metric=st.sampled_from([*COUNTS, "process:uss"]), level=st.integers(0, 10**9), size=sizes)
def test_constant_series_is_never_convicted(metric, level, size):
    """What does not move does not leak, and after 600 connections it is proven not to."""
    verdict = rule_on(feed_case(metric, [float(level)] * size)).verdict
    assert verdict == "bounded"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(metric=st.sampled_from(COUNTS), seed=seeds, times=st.floats(2.0, 200.0), size=st.integers(8, 40))
def test_steep_leak_is_never_acquitted(metric, seed, times, size):
    """What leaks by chance at more than twice the margin is not called bounded."""
    margin = feed_case(metric, [0.0]).margin
    gains = np.random.default_rng(seed).poisson(times * margin * CLIENTS, size)
    assert rule_on(feed_case(metric, np.cumsum(gains), drained=float(gains.sum()))).verdict != "bounded"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(metric=st.sampled_from(COUNTS), slope=st.floats(2.01, 1000.0), size=st.integers(5, 40))
def test_even_leak_above_twice_the_margin_is_never_acquitted(metric, slope, size):
    """What leaks evenly above twice the margin is not called bounded."""
    margin = feed_case(metric, [0.0]).margin
    values = [slope * margin * CLIENTS * at for at in range(size)]
    assert rule_on(feed_case(metric, values, drained=values[-1])).verdict != "bounded"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=seeds, times=st.floats(2.0, 50.0), size=st.integers(8, 40), memory=st.floats(0.0, 0.85))
def test_steep_growth_of_bytes_is_never_acquitted(seed, times, size, memory):
    """Memory that grows at twice its margin or more is not called bounded, however its noise remembers itself."""
    noise = np.random.default_rng(seed).normal(0, 15_000, size)
    for at in range(1, size):
        noise[at] += memory * noise[at - 1]
    margin = feed_case("process:uss", [0.0]).margin
    values = 6e7 + times * margin * CLIENTS * np.arange(size) + noise
    assert rule_on(feed_case("process:uss", values)).verdict != "bounded"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(metric=st.sampled_from(COUNTS), seed=seeds, width=st.floats(0.5, 2000.0), size=st.integers(8, 40))
def test_what_comes_back_to_its_level_is_never_convicted(metric, seed, width, size):
    """A registry that goes up and down as it likes, and ends where it began, has no leak that could be proven."""
    values = np.abs(np.random.default_rng(seed).normal(0, width, size)).round()
    values[[0, -1]] = 0.0
    assert rule_on(feed_case(metric, values)).verdict != "leak"


@pytest.mark.parametrize("metric", [*COUNTS, "process:uss", "heap:in_use_bytes"])
def test_shuffled_noise_is_convicted_no_more_often_than_stated(metric):
    """Noise without trend is convicted in at most one series in twenty, at any width; in fact in none."""
    rng = np.random.default_rng(11)
    convicted = 0
    for at in range(100):
        width = (3.0, 30.0, 300.0)[at % 3] * (1000 if metric.endswith(("uss", "bytes")) else 1)
        values = rng.permutation(5000 + rng.normal(0, width, 11).round())
        convicted += rule_on(feed_case(metric, values)).verdict == "leak"
    assert convicted <= 1


def in_units(case, per_y):
    """Return the case with its values and its margin in other units."""
    s = case.series
    scaled = Series(
        metric=s.metric,
        x=s.x,
        y=s.y * per_y,
        drained=None,
        x_end=s.x_end,
        peak=s.peak * per_y,
        process_peak=s.process_peak * per_y,
        columns={},
    )
    return replace(case, series=scaled, margin=case.margin * per_y)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=seeds, slope=st.floats(0, 500), per_y=st.sampled_from([0.001, 0.25, 1024.0]))
def test_bytes_are_judged_alike_in_any_unit(seed, slope, per_y):
    """Bytes or KiB, the slope scales and the verdict stays."""
    noise = np.random.default_rng(seed).normal(0, 20_000, 12)
    case = feed_case("process:uss", 6e7 + slope * CLIENTS * np.arange(12) + noise)
    scaled = in_units(case, per_y)
    assert rule_on(scaled).verdict == rule_on(case).verdict
    assert scaled.interval == pytest.approx([per_y * end for end in case.interval], rel=1e-6, abs=1e-6 * per_y)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=seeds, slope=st.floats(0, 0.05), per_x=st.sampled_from([0.1, 10.0]))
def test_counts_are_judged_alike_per_connection_or_per_ten(seed, slope, per_x):
    """A slope per ten connections against a margin per ten connections is the same question."""
    values = np.cumsum(np.random.default_rng(seed).poisson(slope * CLIENTS, 12)).astype(float)
    case = feed_case("registry:a", values)
    s = case.series
    stretched = replace(s, x=s.x * per_x, x_end=s.x_end * per_x)
    other = replace(case, series=stretched, margin=case.margin / per_x)
    assert rule_on(other).verdict == rule_on(case).verdict
    assert other.interval.slope == pytest.approx(case.interval.slope / per_x)


def add_still_worker(run):
    """Give a run a second process, in which nothing ever changes."""
    still = run.samples[0].metrics
    twins = [
        msgspec.structs.replace(
            sample, pid=sample.pid + 1, metrics={name: still.get(name, 0.0) for name in sample.metrics}
        )
        for sample in run.samples
    ]
    run.samples = [each for pair in zip(run.samples, twins, strict=True) for each in pair]
    return run


@pytest.mark.parametrize("kind", ["bounded", "leak", "rare", "library", "saturating"])
def test_a_worker_that_stands_still_changes_no_count(kind):
    """A leak in one of two workers is as much a leak, and a bounded one as bounded."""
    alone, beside = judge_run(make_run(kind)), judge_run(add_still_worker(make_run(kind)))
    assert beside.verdict == alone.verdict
    slopes = [
        {finding.metric: finding.per_connection for finding in verdict.findings if finding.unit != "bytes"}
        for verdict in (alone, beside)
    ]
    assert slopes[0] == pytest.approx(slopes[1])


@settings(max_examples=8, deadline=None, derandomize=True)
@given(seed=seeds, kind=st.sampled_from(["bounded", "leak", "library", "native"]))
def test_order_of_metrics_changes_nothing(seed, kind):
    """However a sample orders its metrics, the verdict is the same to the last digit."""
    run, shuffled = make_run(kind, seed=3), make_run(kind, seed=3)
    dice = random.Random(seed)
    for sample in shuffled.samples:
        names = list(sample.metrics)
        dice.shuffle(names)
        sample.metrics = {name: sample.metrics[name] for name in names}
    assert judge_run(shuffled) == judge_run(run)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(values=st.lists(st.integers(0, 40), min_size=8, max_size=20))
def test_little_is_always_acquitted_at_the_last(values):
    """A registry that never held more than forty and ends empty leaks nothing, whatever it did before."""
    verdict = judge_run(feed({"registry:app:FEW": [*map(float, values), 0.0]}))
    finding = next(finding for finding in verdict.findings if finding.metric == "registry:app:FEW")
    assert finding.verdict == "bounded"

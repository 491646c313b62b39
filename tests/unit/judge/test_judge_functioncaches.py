"""Memory is fitted behind what CPython 3.8 to 3.10 set aside for functions at their 1,024th call."""

from __future__ import annotations

import pytest

from soakproof.judge import judge_run
from soakproof.judge.series import read_series
from tests.synthetic_runs import make_run, with_second_process

STEP = 217.0  # blocks, as seen on a clean server


def run_on(python, *, waves=16, clients=100, growth=0.0):
    """Return a run that keeps nothing, or some blocks per connection, and whose functions get caches at 1,024 calls."""
    run = make_run(waves=waves, clients=clients)
    run.header.target.python = python
    for sample in run.samples:
        if sample.kind == "rest":
            sample.metrics["heap:blocks"] = 137_000 + STEP * (sample.connections > 1024) + growth * sample.connections
    return run


def start_of(run, metric):
    return next(series.x[0] for series in read_series(run) if series.metric == metric)


@pytest.mark.parametrize(
    ("python", "is_late"), [("3.9.18", True), ("3.10.13", True), ("3.11.7", False), ("3.8.1", True)]
)
def test_memory_is_fitted_behind_the_caches_of_functions(python, is_late):
    """Of those Pythons only, and of blocks and bytes only: counts of things are exact from the first wave."""
    run = run_on(python)
    first = start_of(run, "heap:objects")
    assert first < 1024
    for metric in ("heap:blocks", "heap:in_use_bytes", "process:rss"):
        assert bool(start_of(run, metric) > 1024) is is_late
        assert is_late or start_of(run, metric) == first


def test_a_run_that_is_too_short_is_fitted_as_it_is():
    """With too few points behind them all are taken; more waves are what it asks for then."""
    assert start_of(run_on("3.10.13", waves=10), "heap:blocks") < 1024


def test_processes_share_the_connections():
    """Two get there with twice as many."""
    run = with_second_process(run_on("3.10.13"))
    assert start_of(run, "heap:blocks") < 1024


def test_a_clean_server_is_bounded_and_one_that_keeps_blocks_is_not():
    """The step is no growth, and growth goes on behind it."""
    verdicts = {
        growth: next(
            one.verdict for one in judge_run(run_on("3.10.13", growth=growth)).findings if one.metric == "heap:blocks"
        )
        for growth in (0.0, 1.0)
    }
    assert verdicts == {0.0: "bounded", 1.0: "leak"}

"""Settings of the allocator that were tried: what each does, and which is recommended."""

from __future__ import annotations

import math

import pytest

from soakproof.commands.remedy import turns
from soakproof.judge.account import PARTS
from soakproof.trials import AS_IT_IS, Setting, Trial, measure, weigh
from soakproof.wording.trials import rows_of, say_remedy_found
from tests.synthetic_drafts import MIB
from tests.synthetic_runs import make_run

ARENAS = Setting(name="MALLOC_ARENA_MAX=2", variables={"MALLOC_ARENA_MAX": "2"})
JEMALLOC = Setting(name="jemalloc", variables={"LD_PRELOAD": "/usr/lib/libjemalloc.so.2"})
SETTINGS = [Setting(name=AS_IT_IS), ARENAS, JEMALLOC]


def trial(setting, round_, settled_mib, cpu=1.0):
    """Return a trial that settled at so many MiB."""
    return Trial(
        setting=setting.name,
        round=round_,
        peak_bytes=1.2 * settled_mib * MIB,
        settled_bytes=settled_mib * MIB,
        free_bytes=settled_mib * MIB / 2,
        cpu_ms_per_connection=cpu,
        latency_p95_s=0.02,
    )


def try_all(arenas, jemalloc, jemalloc_cpu=1.0):
    """Return the remedy of three rounds, in which the server as it is settles at 200, 210 and 190 MiB."""
    usual = (200, 210, 190)
    trials = [
        each
        for at in range(3)
        for each in (
            trial(SETTINGS[0], at, usual[at]),
            trial(ARENAS, at, arenas[at]),
            trial(JEMALLOC, at, jemalloc[at], jemalloc_cpu),
        )
    ]
    return weigh(SETTINGS, trials)


@pytest.mark.parametrize(
    ("arenas", "jemalloc", "jemalloc_cpu", "recommended"),
    [
        ((90, 95, 86), (84, 90, 80), 1.0, ARENAS.name),  # the cheapest that helps nearly as much
        ((150, 155, 146), (84, 90, 80), 1.0, JEMALLOC.name),  # the one that helps by far the most
        ((150, 155, 146), (84, 90, 80), 1.4, ARENAS.name),  # which costs too much CPU
        ((198, 207, 189), (195, 209, 188), 1.0, None),  # no help
        ((120, 260, 130), (200, 210, 190), 1.0, None),  # no help that is sure
    ],
)
def test_the_cheapest_that_surely_helps_is_recommended(arenas, jemalloc, jemalloc_cpu, recommended):
    """By the interval of its ratio to the server as it is, paired by rounds."""
    assert try_all(arenas, jemalloc, jemalloc_cpu).recommended == recommended


def test_the_effect_is_a_paired_ratio_with_its_interval():
    """A machine that is busier in one round meets all settings of it."""
    effect = try_all((100, 105, 95), (200, 210, 190)).effects[1]
    assert effect.ratio == pytest.approx(0.5)
    assert effect.ratio_ci == pytest.approx((0.5, 0.5))
    assert effect.trials == 3


def test_one_round_recommends_nothing():
    """It has no interval."""
    remedy = weigh(SETTINGS[:2], [trial(SETTINGS[0], 1, 200), trial(ARENAS, 1, 90)])
    assert remedy.recommended is None
    assert remedy.effects[1].ratio_ci == (0.0, math.inf)
    assert rows_of(remedy)[1][4] == "0.45"


def test_what_to_set_is_said_with_its_effect():
    """As one types it, with sizes, ratio and CPU."""
    said = say_remedy_found(try_all((100, 105, 95), (200, 210, 190)))
    assert said == (
        "Set MALLOC_ARENA_MAX=2: 200.0 MiB → 100.0 MiB, 0.50 [0.50, 0.50] (90%) of what it is, 1.00 times the CPU"
    )


def test_each_round_begins_with_another_setting():
    """And has each of them once."""
    order = [(number, setting.name) for number, setting in turns(SETTINGS, 2)]
    assert order == [
        (1, AS_IT_IS), (1, ARENAS.name), (1, JEMALLOC.name),
        (2, ARENAS.name), (2, JEMALLOC.name), (2, AS_IT_IS),
    ]  # fmt: skip


def test_a_run_is_measured_over_its_waves():
    """CPU per connection between the first rest point after the baseline and the last; memory at that."""
    run = make_run()
    for at, sample in enumerate(sample for sample in run.samples if sample.kind == "rest"):
        sample.account = dict.fromkeys(PARTS, float(MIB))
        sample.cpu_s = 10.0 + sample.connections / 500 + 100 * (at == 0)
    found = measure("as it is", 1, run)
    assert found.cpu_ms_per_connection == pytest.approx(2.0)
    assert (found.settled_bytes, found.free_bytes) == (len(PARTS) * MIB, 2 * MIB)
    assert found.peak_bytes >= max(sample.metrics["process:rss"] for sample in run.samples)

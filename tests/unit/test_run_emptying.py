"""What the drain waits for, when it is over, and what is looked at again after it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from soakproof.judge import judge_run
from soakproof.judge.codes import Doubt, Rule
from soakproof.plans import Bound
from soakproof.run.draining import Drain, are_drains_to_compare, comes_to_rest, is_emptying, is_untouched, plan_drain
from soakproof.run.phases import grown_owners
from tests.fed_series import make_finding
from tests.synthetic_drafts import LOCKS
from tests.synthetic_runs import make_run


@pytest.mark.parametrize(
    ("peak", "last", "doubt", "is_waited_for"),
    [
        (800, 18, None, True),
        (800, 700, None, False),
        (800, 0, None, False),
        (17_504, 9_544, Doubt.EMPTYING, True),  # of blocks 9,000 were there before anybody came
        (17_504, 9_544, Doubt.AT_THE_MARGIN, False),
    ],
)
def test_what_has_emptied_for_the_most_part_is_waited_for(peak, last, doubt, is_waited_for):
    """By what is left of a registry; of totals, which begin at thousands, by what the judge says."""
    found = make_finding("blocks:96" if peak > 10_000 else "registry:app:SESSIONS")
    found = msgspec.structs.replace(found, verdict="inconclusive", peak=float(peak), last=float(last), doubt=doubt)
    assert is_emptying(found) is is_waited_for


def test_the_load_comes_again_where_totals_alone_are_open():
    """Or a registry that emptied but for a rest; not one that its own entries decide, nor beside a leak."""
    blocks = msgspec.structs.replace(make_finding("blocks:96", "inconclusive"), rule=Rule.UNDECIDED)
    registry = msgspec.structs.replace(make_finding("registry:app:SESSIONS", "inconclusive"), rule=Rule.UNDECIDED)
    assert are_drains_to_compare([blocks, make_finding("registry:app:USERS", "bounded")])
    in_use = msgspec.structs.replace(make_finding("heap:in_use_bytes", "inconclusive"), rule=Rule.UNDECIDED)
    assert are_drains_to_compare([blocks, in_use])
    assert not are_drains_to_compare([in_use])
    assert not are_drains_to_compare([blocks, registry])
    assert are_drains_to_compare([msgspec.structs.replace(registry, doubt=Doubt.EMPTYING)])
    lingered = msgspec.structs.replace(registry, doubt=Doubt.AT_THE_MARGIN, peak=1890.0, last=903.0)
    assert are_drains_to_compare([blocks, lingered])
    assert not are_drains_to_compare([blocks, msgspec.structs.replace(lingered, last=1890.0)])
    assert not are_drains_to_compare([blocks, make_finding("type:app.Session")])
    assert not are_drains_to_compare([msgspec.structs.replace(blocks, rule=Rule.TOO_FEW)])
    assert not are_drains_to_compare([])


def test_a_leak_that_is_old_is_waited_for_as_long_as_the_first_waves_entries_need():
    """They are as old as the run: of a registry that forgets within the drain they would have gone."""
    leak = Drain({"registry:a": 0.0}, frozenset(), frozenset(("registry:a",)), left_s=20.0)
    assert leak.least_s(began_s=55.0, longest_s=65.0) == pytest.approx(62.5)
    assert leak.least_s(began_s=112.0, longest_s=65.0) == pytest.approx(12.0)
    assert leak.least_s(began_s=25.0, longest_s=65.0) == pytest.approx(65.0)
    assert leak.least_s(began_s=105.0, longest_s=5.0) == pytest.approx(5.0)
    assert not leak.has_fallen({"registry:a": 900.0}, {"registry:a": 903.0})
    assert leak.has_fallen({"registry:a": 900.0}, {"registry:a": 700.0})


def test_what_is_open_and_no_leak_has_all_of_the_time():
    """As has a leak of blocks or objects, which no counter shows to fall."""
    leak = Drain({"registry:a": 0.0}, frozenset(), frozenset(), left_s=None)
    assert leak.least_s(began_s=105.0, longest_s=65.0) == pytest.approx(65.0)


def test_the_drain_is_planned_by_what_is_open():
    """The leak of the synthetic run is a registry's, and counted; a bounded run waits for nothing.

    Where what the warm-up left is there still, its first clients' entries are the oldest.
    """
    run = make_run("leak")
    drain = plan_drain(judge_run(run).findings, run)
    assert drain.leaks == {LOCKS}
    assert LOCKS in drain.floors
    assert drain.left_s == next(wave.t_end_s for wave in run.waves if wave.phase == "warmup")
    assert not drain.is_empty({**drain.floors, LOCKS: drain.floors[LOCKS] + 1})
    assert drain is not None
    restless = replace(drain, restless=frozenset(("heap:in_use_bytes",)))
    assert (restless.is_empty(drain.floors), restless.are_down(drain.floors)) == (False, True)
    forgetful = [msgspec.structs.replace(each, first=1.0) for each in judge_run(run).findings]
    assert plan_drain(forgetful, run).left_s == next(wave.t_end_s for wave in run.waves if wave.phase == "wave")
    healthy = make_run("bounded")
    assert plan_drain(judge_run(healthy).findings, healthy) is None


def test_beside_a_leak_that_stays_nothing_is_waited_for():
    """The verdict is a leak whatever else empties; a leak that is emptying itself may be none."""
    emptying = msgspec.structs.replace(make_finding("registry:app:B"), peak=800.0, last=18.0)
    stays = msgspec.structs.replace(make_finding("registry:app:A"), peak=800.0, last=800.0)
    assert is_untouched([emptying, stays])
    assert not is_untouched([emptying])
    assert not is_untouched([msgspec.structs.replace(stays, verdict="inconclusive")])
    assert not is_untouched([msgspec.structs.replace(make_finding("heap:blocks"), peak=9_000.0, last=9_000.0)])


def test_texts_that_a_table_holds_are_compared_with_it():
    """The length of buffers is counted as entries are; other bytes drift, and more waves tell."""
    options = {"verdict": "inconclusive", "rule": Rule.UNDECIDED, "doubt": Doubt.EMPTYING, "peak": 900.0, "last": 200.0}
    table = msgspec.structs.replace(make_finding("registry:app:B"), **options)
    texts = msgspec.structs.replace(make_finding("buffer:app:B[*]"), **options)
    assert are_drains_to_compare([table, texts])
    assert are_drains_to_compare([texts])
    assert not are_drains_to_compare([table, msgspec.structs.replace(make_finding("process:uss"), **options)])


@pytest.mark.parametrize(("verdict", "rule"), [("leak", Rule.SLOPE), ("inconclusive", Rule.MULTIPLICITY)])
def test_a_total_that_grew_beside_what_is_emptying_is_compared_too(verdict, rule):
    """It may have grown by what the table holds; alone it is what it was found to be."""
    options = {"verdict": "inconclusive", "rule": Rule.UNDECIDED, "doubt": Doubt.EMPTYING, "peak": 900.0, "last": 200.0}
    table = msgspec.structs.replace(make_finding("registry:app:B"), **options)
    total = msgspec.structs.replace(make_finding("blocks:80"), verdict=verdict, rule=rule, peak=49_000.0, last=48_000.0)
    assert are_drains_to_compare([table, total])
    assert not are_drains_to_compare([total])


@pytest.mark.parametrize(
    ("looks", "waited", "has_rest"),
    [
        ([{}], 0, True),
        ([{"a": 9}, {"a": 9}], 1, True),
        ([{"a": 9}, {"a": 4}, {"a": 4}], 2, True),
        ([{"a": 9}, {"a": 6}, {"a": 3}, {"a": 3}], 3, True),  # it came to rest in the last wait
        ([{"a": 9}, {"a": 6}, {"a": 3}, {}], 3, True),
        ([{"a": 9}, {"a": 6}, {"a": 3}, {"a": 1}], 3, False),
        ([{"a": 9}, {"a": 9, "b": 5}, {"a": 9, "b": 5}], 2, True),
    ],
)
def test_what_falls_is_waited_for_until_it_rests(looks, waited, has_rest):
    """A few times; and what the last wait has brought is looked at too."""
    coming, waits = iter(looks), []
    assert comes_to_rest(lambda: next(coming), lambda: waits.append(1)) is has_rest
    assert (len(waits), next(coming, None)) == (waited, None)


def test_what_its_own_limit_bounds_is_followed_too():
    """A cache with a time-to-live and a size is bounded by its size: who empties it is asked all the same."""
    run = make_run("leak")
    [owner] = grown_owners(run)
    info = run.metrics[LOCKS]
    run.metrics[LOCKS] = msgspec.structs.replace(info, bound=Bound(max_items=100_000, source="observed"))
    found = next(each for each in judge_run(run).findings if each.metric == LOCKS)
    assert (found.verdict, found.rule) == ("bounded", Rule.OWN_BOUND)
    assert grown_owners(run) == [owner]
    assert grown_owners(make_run("bounded")) == []

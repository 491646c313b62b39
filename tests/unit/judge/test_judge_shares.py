"""Shares of the growth: each is claimed once, by the first cause that it belongs to, and they add up to the whole."""

import pytest

from soakproof.culprits import Culprit, TypeCount
from soakproof.judge.shares import share_out, sum_up
from soakproof.samples import Metric, Share, Shares
from tests.fed_series import make_finding
from tests.synthetic_runs import make_run

SESSIONS = make_finding("registry:app.SESSIONS", consequences=["type:app.Session", "registry:app.INDEX"])
WAITING = make_finding("task:wait_for_ever")


def share(owner, bytes_, *types, per_connection=1.0):
    """Return what one owner gained."""
    kept = [TypeCount(name=name, per_connection=1.0) for name in types]
    return Share(owner=owner, per_connection_bytes=bytes_, per_connection=per_connection, types=kept)


def shared(findings, *shares):
    """Return the shares of the findings in a run in which so much came and stayed."""
    run = make_run("leak")
    run.metrics["registry:app.SESSIONS"] = Metric(metric="registry:app.SESSIONS", owner="app:SESSIONS")
    run.metrics["registry:app.INDEX"] = Metric(metric="registry:app.INDEX", owner="app:INDEX")
    run.shares = Shares(connections=100, shares=list(shares))
    told = share_out(findings, run)
    return [each.share for each in told], sum_up(told)


def test_a_container_claims_what_is_its_own_and_what_follows_from_it():
    """By owner path, by what is inside of it, by its consequences' owners, and by their classes; nothing else."""
    mine = [share("app:SESSIONS", 400.0), share("app:SESSIONS[*].items", 200.0), share("app:INDEX", 100.0)]
    others = [share("app.Holder", 200.0, "app.Session"), share("app:SESSIONS_OF_OTHERS", 100.0)]
    assert shared([SESSIONS], *mine, *others) == ([0.9], 0.9)


def test_a_share_is_claimed_once():
    """What two causes might claim is the first one's, so that shares add up."""
    again = make_finding("type:app.Session")
    assert shared([SESSIONS, again], share("app:SESSIONS", 75.0, "app.Session"), share("x", 25.0)) == (
        [0.75, 0.0],
        0.75,
    )


def test_tasks_claim_what_they_wait_with():
    """By the name of the coroutine; the total of all tasks claims each."""
    assert shared([WAITING], share("task:wait_for_ever", 60.0), share("task:other", 40.0)) == ([0.6], 0.6)
    assert shared([make_finding("task:total")], share("task:a", 60.0), share("task:b", 40.0)) == ([1.0], 1.0)


def test_what_no_root_leads_to_is_the_blocks():
    """And blocks that are no objects of the collector's are claimed by size and slope, as part of the whole."""
    blocks = make_finding("blocks:80", per_connection=1.0)
    assert shared([blocks], share("", 20.0), share("app", 20.0)) == ([0.8], 0.8)


def test_a_few_objects_that_nobody_claims_came_once():
    """Each wave leaves some in the place of the last one's: 20 of 100 connections, of which no count says it grows."""
    journal = make_finding("buffer:app.JOURNAL", per_connection=8.0)
    assert shared([journal], share("engine", 40.0, per_connection=0.2)) == ([1.0], 1.0)
    assert shared([journal], share("engine", 24.0, per_connection=0.5)) == ([0.25], 0.25)


def test_what_watches_the_objects_of_a_cause_is_the_causes():
    """A loop's weak set of asynchronous generators grows with whatever keeps these."""
    watch = share("_weakrefset.WeakSet", 100.0)
    feeds = make_finding("registry:app.SESSIONS", consequences=["type:weakref.ReferenceType"])
    assert shared([feeds], share("app:SESSIONS", 300.0), watch) == ([1.0], 1.0)
    assert shared([SESSIONS], share("app:SESSIONS", 300.0), watch) == ([0.75], 0.75)


def find_beneath(*shares):
    """Return beneath what blocks of 80 bytes, one per connection, are told to be, and their share of the growth."""
    run = make_run("leak")
    run.shares = Shares(connections=100, shares=list(shares))
    [told] = share_out([make_finding("blocks:80", per_connection=1.0, culprit=Culprit())], run)
    return told.culprit.beneath, told.share


def test_blocks_are_beneath_who_gained_as_many_objects():
    """A dict that stands under no name holds atoms; with fewer objects, or bytes, it is somebody else's growth."""
    assert find_beneath(share("app", 114.0), share("engine", 6.0)) == ("app", 0.95)
    assert find_beneath(share("app", 114.0, per_connection=0.5))[0] is None
    assert find_beneath(share("app", 40.0))[0] is None
    assert find_beneath(share("others", 114.0))[0] is None


def test_blocks_that_are_nobodys_are_beneath_nothing():
    """What no root leads to is known to be held by nothing, whatever else has grown."""
    assert find_beneath(share("app", 114.0), share("", 80.0))[0] is None


@pytest.mark.parametrize("metric", ["fd:other", "child:zombie"])
def test_what_the_kernel_keeps_has_no_share(metric):
    """Descriptors that no object holds, and programs that ended, are no small part of the growth, but none of it."""
    assert shared([make_finding(metric)], share("app", 20.0)) == ([None], None)
    assert shared([WAITING, make_finding(metric)], share("task:wait_for_ever", 20.0)) == ([1.0, None], 1.0)


def test_bytes_that_are_no_objects_are_part_of_the_whole():
    """A buffer that swells by its slope, beside what else has come."""
    buffer = make_finding("buffer:app.JOURNAL", per_connection=300.0)
    assert shared([buffer], share("app", 100.0)) == ([0.75], 0.75)


def test_builtin_classes_claim_only_for_themselves():
    """That dicts follow from a registry does not make every dict its own; classes that it was found to keep are."""
    culprit = Culprit(
        types=[TypeCount(name="dict", per_connection=1.0), TypeCount(name="app.Cart", per_connection=1.0)]
    )
    cause = make_finding("registry:app.SESSIONS", consequences=["type:dict"], culprit=culprit)
    assert shared([cause], share("lib", 50.0, "dict"), share("app.Old", 50.0, "app.Cart")) == ([0.5], 0.5)
    assert shared([make_finding("type:dict")], share("lib", 50.0, "dict"), share("x", 50.0)) == ([0.5], 0.5)


@pytest.mark.parametrize("verdict", ["bounded", "inconclusive"])
def test_only_causes_explain(verdict):
    """What is no leak explains nothing; without the second pass nobody explains anything."""
    assert shared([make_finding("registry:app.SESSIONS", verdict=verdict)], share("app:SESSIONS", 1.0)) == (
        [None],
        None,
    )
    run = make_run("leak")
    assert share_out([SESSIONS], run) == [SESSIONS]


def test_what_came_once_is_no_part_of_the_growth():
    """All waves tell by how much memory in use has grown: what one wave kept beyond that came once."""
    lost = make_finding("blocks:80", per_connection=1.0, ci=(0.99, 1.0))
    heap = make_finding("heap:in_use_bytes", verdict="bounded", per_connection=20.0, ci=(-20.0, 60.0))
    once = share("engine", 300.0, per_connection=0.5)
    assert shared([lost, heap], once) == ([0.8, None], 0.8)
    assert shared([lost], once) == ([pytest.approx(80 / 380, abs=1e-4)], pytest.approx(80 / 380, abs=1e-4))


def test_what_one_size_of_blocks_loses_to_another_is_no_growth():
    """Nor is what an interval leaves open: the whole is what was measured, and never less than what is explained."""
    lost = make_finding("blocks:80", per_connection=1.0, ci=(0.99, 1.0))
    fell = make_finding("blocks:112", verdict="bounded", per_connection=-0.5, ci=(-0.9, 0.9))
    rose = make_finding("blocks:160", verdict="bounded", per_connection=0.6, ci=(-0.9, 0.9))
    heap = make_finding("heap:in_use_bytes", verdict="bounded", per_connection=0.0, ci=(-500.0, 500.0))
    once = share("engine", 300.0, per_connection=0.5)
    assert shared([lost, fell, rose, heap], once) == (
        [pytest.approx(2 / 3, abs=1e-4), None, None, None],
        pytest.approx(2 / 3, abs=1e-4),
    )
    assert shared([lost, fell, heap], once) == ([1.0, None, None], 1.0)

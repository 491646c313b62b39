"""What a bounded container keeps while it fills is no leak; what is kept nowhere in it is one all the same."""

import pytest

from soakproof.culprits import Culprit
from soakproof.judge.filling import excuse, find_filling, warn_of_filling
from soakproof.judge.folding import Places, fold
from soakproof.wording import say_reason, say_warning
from tests.fed_series import make_finding

RING = make_finding(
    "registry:app.RING", verdict="bounded", rule="its own maxlen", per_connection=1.0, last=450.0, bound=1000.0
)
WITHIN = {"culprit": Culprit(owner="app.Message", within=["app:RING"])}
MESSAGE = make_finding("type:app.Message", **WITHIN)


def judged(*findings):
    """Return the verdicts by metric, and the metrics that still decide for a leak."""
    owners = {each.metric: each.name.replace("app.", "app:", 1) for each in findings}
    places = Places(owners)
    told = fold(excuse(findings, fold(findings, places), places), places)
    return told, [each.metric for each in told if each.verdict == "leak" and each.is_deciding]


def test_what_a_filling_ring_keeps_is_put_under_it():
    """Objects in it, lists inside of these, and the totals that they account for are bounded, as the ring is."""
    inner = make_finding("registry:app.RING[*].tags")
    others = [make_finding("type:dict"), make_finding("heap:objects", per_connection=2.0), make_finding("heap:blocks")]
    told, leaks = judged(RING, MESSAGE, inner, *others)
    assert leaks == []
    assert {each.verdict for each in told} == {"bounded"}
    ring = next(each for each in told if each.metric == RING.metric)
    assert set(ring.consequences) == {each.metric for each in told} - {RING.metric}
    assert all(say_reason(each).startswith("kept in app.RING, which is bounded: ") for each in told if each is not ring)
    [warning] = map(say_warning, warn_of_filling(told))
    assert "app.RING is still filling (450 of 1,000 entries)" in warning


@pytest.mark.parametrize("within", [None, [], ["app:OTHER"]])
def test_a_class_that_is_kept_elsewhere_leaks(within):
    """Objects that the second pass did not find in the ring, or did not look for, are no part of it."""
    elsewhere = make_finding("type:app.Message", culprit=Culprit(owner="app.Message", within=within))
    assert judged(RING, elsewhere)[1] == ["type:app.Message"]


def test_another_leak_takes_the_totals():
    """Memory that may be another leak's is not excused by a ring that fills."""
    orphan = make_finding("type:app.Orphan", culprit=Culprit(owner="app.Orphan", within=[]))
    told, leaks = judged(RING, MESSAGE, orphan, make_finding("heap:objects"))
    assert leaks == ["type:app.Orphan"]
    assert next(each for each in told if each.metric == "heap:objects").verdict == "leak"


@pytest.mark.parametrize(
    ("metric", "rate", "is_leak"),
    [
        ("heap:blocks", 9.0, False),
        ("heap:blocks", 11.0, True),
        ("heap:objects", 1.1, False),
        ("heap:objects", 2.0, True),
        ("heap:frozen", 1.0, True),
    ],
)
def test_totals_are_excused_as_far_as_they_are_accounted_for(metric, rate, is_leak):
    """An object a connection in the ring takes a few blocks; what grows by more than that is a leak of its own."""
    assert (metric in judged(RING, MESSAGE, make_finding(metric, per_connection=rate))[1]) is is_leak


def test_a_ring_of_texts_accounts_for_their_blocks_alone():
    """Where only blocks grow, beside a ring that fills as fast, they are its entries."""
    assert judged(RING, make_finding("heap:blocks", per_connection=2.0))[1] == []
    assert judged(RING, make_finding("heap:objects"))[1] == ["heap:objects"]


def test_tuples_are_told_by_their_number():
    """The second pass finds no tuple, so as many as the ring has entries, or a few each, are taken for these."""
    assert judged(RING, make_finding("type:tuple"))[1] == []
    assert judged(RING, make_finding("type:tuple", per_connection=6.0))[1] == ["type:tuple"]


def test_tasks_and_other_containers_are_no_part_of_it():
    """A container beside the ring leaks, and so do tasks: a ring does not end them."""
    assert judged(RING, make_finding("registry:app.SEEN"))[1] == ["registry:app.SEEN"]
    assert judged(RING, make_finding("task:wait"))[1] == ["task:wait"]


@pytest.mark.parametrize(
    "fields", [{"per_connection": 0.0, "ci": (0.0, 0.001)}, {"rule": "plateau"}, {"verdict": "leak"}]
)
def test_only_what_is_bounded_and_grows_is_filling(fields):
    """A ring that is full explains no growth, and one that is not bounded by a rule for bounds is no ring."""
    usual = {"verdict": "bounded", "rule": "its own maxlen", "last": 450.0, "bound": 1000.0}
    assert find_filling([make_finding("registry:app.RING", **(usual | fields))]) == []
    assert find_filling([RING]) == [RING]

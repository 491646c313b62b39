"""The expiry index finds what is due, forgets what it is told to, and stays as small as what it holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.expiry import ExpiryIndex

KEYS = st.sampled_from("abcdef")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), KEYS, st.integers(0, 20)),
        st.tuples(st.just("discard"), KEYS, st.just(0)),
        st.tuples(st.just("pop"), st.just(""), st.integers(0, 20)),
        st.tuples(st.just("oldest"), st.just(""), st.just(0)),
    ),
    max_size=60,
)


@given(STEPS)
def test_it_agrees_with_a_dictionary_that_is_scanned(steps):
    """Whatever is done to it, it yields what a scan of all keys would."""
    index, model = ExpiryIndex(), {}
    for step, key, at_s in steps:
        if step == "set":
            index.set(key, at_s)
            model[key] = at_s
        elif step == "discard":
            index.discard(key)
            model.pop(key, None)
        elif step == "pop":
            due = sorted(at for at in model.values() if at <= at_s)
            popped = list(index.pop_due(at_s, 100))
            assert [model.pop(key) for key in popped] == due
        else:
            oldest = index.pop_oldest()
            earliest = min(model.values(), default=None)
            assert (None if oldest is None else model.pop(oldest)) == earliest
        assert len(index) == len(model)
        assert all((key in index) == (key in model) for key in "abcdef")


def test_the_oldest_comes_first():
    """Without a time, the key with the earliest one is yielded."""
    index = ExpiryIndex()
    for key, at_s in {"late": 3, "early": 1, "middle": 2}.items():
        index.set(key, at_s)
    index.set("early", 9)
    assert [index.pop_oldest() for _ in range(4)] == ["middle", "late", "early", None]


def test_a_batch_is_no_larger_than_asked_for():
    """A limit leaves the rest for the next time, the oldest having gone first."""
    index = ExpiryIndex()
    for number in range(10):
        index.set(f"k{number}", number)
    assert list(index.pop_due(100, 3)) == ["k0", "k1", "k2"]
    assert len(index) == 7


def test_refreshing_and_forgetting_leave_nothing_behind():
    """Ten thousand refreshes and ten thousand keys that came and went leave a heap of a few dozen places."""
    index = ExpiryIndex()
    index.set("stays", 0)
    for number in range(10_000):
        index.set("stays", number)
        index.set(f"k{number}", 10**6)
        index.discard(f"k{number}")
    assert len(index) == 1
    assert len(index._heap) <= 2 * len(index) + 64 + 1
    index.discard("stays")
    assert index._heap == []


def test_moving_keys_to_earlier_times_leaves_nothing_behind():
    """Keys that are moved forward again and again do not fill the heap either."""
    index = ExpiryIndex()
    for number in range(10_000, 0, -1):
        index.set("a", number)
    assert len(index._heap) <= 2 + 64 + 1
    assert list(index.pop_due(1, 10)) == ["a"]

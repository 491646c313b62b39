"""Sharing out and planning: exact, the same every time, well mixed."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakproof.load.orders import Order
from soakproof.load.users.plan import Kind, count_connections, most_at_once, opening_rate, plan_arrivals, share_among
from soakproof.load.users.shares import deal, split

WEIGHTS = st.dictionaries(st.sampled_from("abcdef"), st.floats(0.01, 100), min_size=1)


@given(st.integers(0, 500), WEIGHTS)
def test_nothing_is_lost_in_a_split(total, weights):
    """Shares add up, and none is off its exact value by one or more."""
    shares = split(total, weights)
    assert sum(shares.values()) == total
    for name, share in shares.items():
        assert abs(share - total * weights[name] / sum(weights.values())) < 1


@pytest.mark.parametrize("weights", [{}, {"a": 0.0}, {"a": -1.0, "b": 2.0}])
def test_weights_that_mean_nothing_are_refused(weights):
    """A negative weight, or none above zero."""
    with pytest.raises(ValueError, match="need none negative, and one positive"):
        split(3, weights)


def test_a_weight_of_nothing_gets_nothing():
    """A zero beside another weight is no mistake: Locust's users may have it."""
    assert split(7, {"a": 0.0, "b": 2.0}) == {"a": 0, "b": 7}


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 30), min_size=1))
def test_dealing_is_exact_and_even(shares):
    """Each name comes as often as its share, and never far from its due."""
    dealt = list(deal(shares))
    assert {name: dealt.count(name) for name in shares} == shares
    for position in range(len(dealt)):
        for name, share in shares.items():
            assert abs(dealt[: position + 1].count(name) - share * (position + 1) / len(dealt)) < len(shares)


def test_fixed_counts_come_first():
    """A class that fixes its count gets it, the others share what is left by weight."""
    kinds = [Kind("Fixed", 1, 3), Kind("Heavy", 3, 0), Kind("Light", 1, 0)]
    assert share_among(11, kinds) == {"Fixed": 3, "Heavy": 6, "Light": 2}
    assert share_among(2, kinds) == {"Fixed": 2, "Heavy": 0, "Light": 0}
    assert share_among(5, [Kind("Fixed", 1, 3)]) == {"Fixed": 3}


def test_births_are_paced_and_mixed():
    """Clients come at the order's rate, modes and classes spread over all of them."""
    order = Order(index=0, phase="wave", clients=4, drops={"close": 1, "reset": 1}, rate=2.0)
    arrivals = list(plan_arrivals(order, [Kind("A", 1, 0)]))
    assert [arrival.due_s for arrival in arrivals] == [0.0, 0.5, 1.0, 1.5]
    assert [arrival.mode for arrival in arrivals] in (["close", "reset"] * 2, ["close", "reset", "reset", "close"])


def test_a_wave_is_spread_over_a_second_or_more():
    """Without a rate: a second, or a thousand clients a second where it is large."""
    rates = [opening_rate(Order(index=0, phase="wave", clients=n, drops={"close": 1})) for n in (0, 600, 5000)]
    assert rates == [1.0, 600.0, 1000.0]


def test_modes_that_reconnect_count_twice():
    """Half of ten clients storm: fifteen connections."""
    order = Order(index=0, phase="wave", clients=10, drops={"storm": 1, "close": 1})
    assert count_connections(plan_arrivals(order, [Kind("A", 1, 0)])) == 15


def test_silent_modes_come_first_where_it_is_asked_for():
    """As many of each as ever: those that the server finds out by its timeouts, then the others, each well mixed."""
    drops = {"close": 6.0, "vanish": 1.0, "reset": 1.0, "polling": 1.0, "half-open": 1.0}
    order = Order(index=1, phase="wave", clients=100, drops=drops, silent_first=True)
    modes = [arrival.mode for arrival in plan_arrivals(order, [Kind("A", 1, 0)])]
    assert set(modes[:30]) == {"vanish", "polling", "half-open"}
    assert (modes[30:].count("close"), modes[30:].count("reset")) == (60, 10)
    mixed = [
        arrival.mode for arrival in plan_arrivals(msgspec.structs.replace(order, silent_first=False), [Kind("A", 1, 0)])
    ]
    assert (sorted(mixed), "close" in mixed[:30]) == (sorted(modes), True)


@pytest.mark.parametrize(
    ("order", "most"),
    [({}, 5000), ({"rate": 100.0}, 5000), ({"rate": 100.0, "seconds": 50.0, "stay_s": 2.0}, 3200)],
    ids=["wave", "paced wave", "steady"],
)
def test_a_steady_phase_needs_files_for_who_is_there_at_once(order, most):
    """Those who came within a stay, or are silent and not given up yet; of a wave all."""
    assert most_at_once(Order(index=1, phase="wave", clients=5000, drops={"close": 1.0}, **order), 5000) == most

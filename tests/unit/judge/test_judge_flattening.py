"""What fills up is given the waves that show it full: a run that extends itself by fewer ends open all the same."""

import pytest

from soakproof.judge.flattening import prolong, waves_until_flat
from soakproof.judge.judge import find
from soakproof.judge.rules import plateau, rule_on
from tests.fed_series import feed_case

FILLING = [2400, 3600, 4800, 6000, 7200, 8000, 8000, 8000, 8000]  # a list of the newest thousand numbers, wave by wave


def feed(values):
    """Return the case of a buffer in waves of 150 clients."""
    return feed_case("buffer:app.TIMES", values, clients=150, margin=1.0)


def test_what_is_full_of_late_needs_a_later_half_of_flat_points():
    """One wave more was asked for, run, and was not enough; two are."""
    case = feed(FILLING)
    assert (rule_on(case).verdict, find(case).waves_to_decide) == ("inconclusive", 2)
    assert rule_on(feed([*FILLING, 8000])).verdict == "inconclusive"
    assert rule_on(feed([*FILLING, 8000, 8000])).verdict == "bounded"


@pytest.mark.parametrize("values", [FILLING, FILLING[:-2], [*FILLING, 8000]])
def test_so_many_are_enough_and_no_fewer_are(values):
    """The number is the least with which the plateau is proven."""
    case = feed(values)
    more = waves_until_flat(case)
    assert plateau(prolong(case, more))
    assert more == 1 or not plateau(prolong(case, more - 1))


def test_chance_needs_more_than_flat_points():
    """Six flat points of waves of 100 do not tell 0.005 entries from none, so a registry takes more waves to show."""
    case = feed_case("registry:app.LATEST", [value / 8 for value in FILLING], clients=100)
    assert waves_until_flat(case) > waves_until_flat(feed(FILLING))

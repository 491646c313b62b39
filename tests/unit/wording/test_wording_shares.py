"""How much of the growth a leak explains, in words."""

import pytest

from soakproof.wording.shares import say_share, say_small, split_small
from tests.fed_series import make_finding


def leak(name, share):
    """Return a leak that explains so much."""
    return make_finding(f"registry:app.{name}", share=share)


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (None, None),
        (0.0, "less than 2% of the growth"),
        (0.5, "50% of the growth"),
        (0.994, "99% of the growth"),
        (1.0, "all of the growth"),
    ],
)
def test_a_share_is_said_in_whole_percent(share, said):
    """Never none, where a leak is proven, and all only where nothing is left over."""
    assert say_share(leak("A", share)) == said


def test_what_explains_next_to_nothing_is_one_line():
    """But for the first: it is what the run is called a leak for."""
    causes = [leak("A", 0.01), leak("B", 0.9), leak("C", 0.001), leak("D", 0.0), leak("E", None)]
    told, small = split_small(causes)
    assert [each.name for each in told] == ["app.A", "app.B", "app.E"]
    assert say_small(small) == "less than 2% of the growth each: app.C, app.D"

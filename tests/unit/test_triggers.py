"""Which drop modes are named as the trigger of a leak."""

import random

import pytest

from soakproof.measure.triggers import Growth, describe_trigger


@pytest.mark.parametrize(
    ("gained", "sentence"),
    [
        ({"close": 40, "reset": 40}, "every drop mode (close, reset)"),
        ({"close": 0, "mid-binary": 40}, "drop mode mid-binary (per connection: close +0.00, mid-binary +1.00)"),
        ({"close": 1, "mid-binary": 40}, "drop mode mid-binary (per connection: close +0.03, mid-binary +1.00)"),
        ({"close": 0, "reset": 0}, None),
        ({"close": -3, "reset": 40}, "drop mode reset (per connection: close -0.07, reset +1.00)"),
        ({"close": 2, "reset": 1}, "every drop mode (close, reset)"),
        ({"close": 3, "reset": 0}, None),
    ],
)
def test_the_trigger_is_the_mode_that_makes_it_grow(gained, sentence):
    """Modes that surely make less than half as much as the worst are none; where so few tell nothing, none is named."""
    assert describe_trigger({mode: Growth(count, 40) for mode, count in gained.items()}) == sentence


def test_nothing_read_names_nobody():
    """Without a wave there is no trigger."""
    assert describe_trigger({}) is None


def test_a_rare_leak_of_every_mode_is_seldom_laid_on_one():
    """One connection in twenty leaks at random, of whatever mode: hardly ever is a single mode named."""
    dice = random.Random(7)
    named = 0
    for _ in range(300):
        counts = [sum(dice.random() < 0.05 for _ in range(160)) for _ in range(2)]
        told = describe_trigger({f"mode{at}": Growth(count, 160) for at, count in enumerate(counts)})
        named += bool(told and told.startswith("drop mode"))
    assert named <= 15

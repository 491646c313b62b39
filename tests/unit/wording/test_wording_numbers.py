"""Numbers and names as reports say them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakproof.wording.numbers import (
    elide,
    say_amount,
    say_bytes,
    say_compact,
    say_confidence,
    say_growth,
    say_interval,
    say_margin,
    say_milliseconds,
    say_seconds,
    say_unit,
)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0 B"), (0.5, "0.5 B"), (212, "212 B"), (1234, "1.2 KiB"), (81_894_400, "78.1 MiB"), (-3e7, "-28.6 MiB")],
)
def test_bytes_come_in_the_unit_that_suits_them(value, said):
    """Bytes are said in binary units with one decimal, whole below a KiB."""
    assert say_bytes(value) == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (1.0, "entries", "+1.00"),
        (0.9998, "entries", "+1.00"),
        (0.0, "entries", "0"),
        (-0.0003, "entries", "-0.00030"),
        (0.0103, "entries", "+0.0103"),
        (1e7, "entries", "+10,000,000"),
        (1e-9, "entries", "0"),
        (212.4, "bytes", "+212 B"),
        (1016.9, "bytes", "+1,017 B"),
        (5e6, "bytes", "+4.8 MiB"),
        (math.inf, "entries", "\N{EN DASH}"),
    ],
)
def test_growth_has_a_sign_and_three_digits_that_matter(value, unit, said):
    """A rate is said with its sign, and nothing that rounds away is said as a number."""
    assert say_growth(value, unit) == said


@pytest.mark.parametrize(
    ("ci", "unit", "said"),
    [
        ((0.98168, 1.01858), "entries", "[+0.982, +1.019]"),
        ((0.0, 0.000374), "entries", "[0, +0.0004]"),
        ((-26.2, 30.4), "bytes", "[-26, +30] B"),
        ((-5647.0, 11_739.0), "bytes", "[-5.5, +11.5] KiB"),
        ((0.0, 0.0), "bytes", "[0, 0] B"),
        ((-math.inf, math.inf), "entries", "\N{EN DASH}"),
    ],
)
def test_both_ends_of_an_interval_have_the_same_decimals(ci, unit, said):
    """The decimals of an interval follow from its width; an endless one is a dash."""
    assert say_interval(ci, unit) == said


def test_amounts_margins_units_and_times_are_said_as_people_say_them():
    """Each kind of figure has one way of being said."""
    assert [say_amount(6012, "entries"), say_amount(None, "entries"), say_amount(2**20, "bytes")] == [
        "6,012",
        "\N{EN DASH}",
        "1.0 MiB",
    ]
    assert [say_margin(0.005, "entries"), say_margin(16, "bytes")] == ["±0.005", "±16 B"]
    assert [say_unit("entries", "event"), say_unit("bytes", "connection")] == ["entries per event", "per connection"]
    assert [say_seconds(0.4), say_seconds(25.1), say_seconds(185), say_seconds(3780), say_seconds(None)] == [
        "0.4 s",
        "25.1 s",
        "3 min 5 s",
        "1 h 3 min",
        "\N{EN DASH}",
    ]
    assert [say_seconds(3359.96), say_seconds(7199.9)] == ["56 min 0 s", "2 h 0 min"]
    assert [say_milliseconds(0.0042), say_milliseconds(1.3)] == ["4.2 ms", "1.3 s"]
    assert [say_confidence(0.9), say_confidence(0.945)] == ["90%", "94.5%"]
    assert [say_compact(250), say_compact(1500), say_compact(2e6), say_compact(-1e4)] == ["250", "1.5k", "2M", "-10k"]


@given(text=st.text(max_size=80), width=st.integers(min_value=4, max_value=60))
def test_an_elided_name_fits_and_keeps_both_ends(text, width):
    """A long name loses its middle and nothing else."""
    short = elide(text, width)
    assert len(short) <= max(width, 0) or short == text
    if len(text) > width:
        head, _, tail = short.partition("…") if "…" not in text else (short[:1], "", short[-1:])
        assert text.startswith(head)
        assert text.endswith(tail)

"""Numbers as findings say them."""

from soakproof.judge.slopes import Interval
from soakproof.judge.wording import say_amount, say_interval, say_name, say_rate, say_unit


def test_rates_have_the_digits_that_matter():
    """Nothing is 0; hundreds have no digits after the point, ones two, less four."""
    assert [say_rate(rate) for rate in (0.0, 0.0103, 1.0, 212.3)] == ["0", "0.0103", "1.00", "212"]


def test_interval_is_said_with_its_ends():
    """A slope is followed by its interval."""
    assert say_interval(Interval(1.0, 0.98, 1.02)) == "1.00 [0.9800, 1.02]"


def test_amounts_have_units():
    """Bytes are said in MiB, all else is counted."""
    assert say_amount(2.0**21, "bytes") == "2.0 MiB"
    assert say_amount(6012.0, "entries") == "6,012 entries"


def test_units_are_per_connection_or_event():
    """Held waves count events."""
    assert say_unit("tasks", is_held=False) == "tasks per connection"
    assert say_unit("tasks", is_held=True) == "tasks per event"


def test_owners_name_themselves():
    """A registry needs no kind in front; rss says nothing without it."""
    assert say_name("registry:app:ROOMS") == "app:ROOMS"
    assert say_name("process:rss") == "process:rss"

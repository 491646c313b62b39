"""Numbers as findings say them."""

from soakproof.judge.slopes import Interval
from soakproof.judge.wording import (
    say_amount,
    say_growing,
    say_interval,
    say_little,
    say_name,
    say_place,
    say_rate,
    say_unit,
)
from soakproof.samples import Site


def test_rates_have_the_digits_that_matter():
    """Nothing is 0; hundreds have no digits after the point, ones two, less four."""
    assert [say_rate(rate) for rate in (0.0, 0.0103, 1.0, 212.3)] == ["0", "0.0103", "1.00", "212"]


def test_little_is_said_without_powers_of_ten():
    """Of a million connections nothing left means at most three millionths; two digits matter, no zero behind them."""
    assert [say_little(3 / 1_001_280), say_little(0.00067), say_little(0.5)] == ["0.000003", "0.00067", "0.5"]


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


def test_a_librarys_line_is_told_within_the_library():
    """A sentence says where in the library, not where on the disk; a line that raises is the trigger's to tell."""
    site = Site(file="/home/me/.venv/lib/python3.11/site-packages/engineio/socket.py", line=7, function="f")
    assert say_place([site]) == ", at engineio/socket.py:7"
    assert say_place([Site(file="/home/me/app.py", line=7, function="f")]) == ", at /home/me/app.py:7"
    assert say_place([Site(file="/home/me/app.py", line=7, function="f", role="raises")]) == ""
    assert say_place([]) == ""


def test_what_is_counted_gains_and_what_holds_keeps():
    """No thread keeps threads."""
    assert [say_growing(kind) for kind in ("registry", "thread", "type", "process")] == ["keeps", *["gains"] * 3]

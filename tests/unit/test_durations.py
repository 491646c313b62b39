"""How far a clock is to leap: durations as people write them, and which options cannot go with that."""

from __future__ import annotations

import msgspec
import pytest

from soakproof.config import Config
from soakproof.config.durations import LADDER_S, Marks, parse_marks
from soakproof.config.reading import build_config
from soakproof.config.repeating import store_options
from soakproof.errors import ConfigError

RUN = {"command": ["python", "app.py", "{port}"]}


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("2h", (30, 120, 600, 3600, 7200)),
        ("90m", (30, 120, 600, 3600, 5400)),
        ("1h30m", (30, 120, 600, 3600, 5400)),
        ("1d", (30, 120, 600, 3600, 7200, 86_400)),
        ("20", (20,)),
        ("1.5h", (30, 120, 600, 3600, 5400)),
        ("5m, 10min,1h", (300, 600, 3600)),
    ],
)
def test_one_duration_stands_for_the_usual_marks_up_to_it(text, marks):
    """Several are taken as they are."""
    assert parse_marks(text) == Marks(marks)


def test_auto_leaps_only_where_something_grew():
    """As far as a day, if need be."""
    assert parse_marks("auto") == Marks(LADDER_S, only_grown=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("soon", "'soon' is no duration; need a duration, as in 2h"),
        ("", "'' is no duration"),
        ("2h,", "'' is no duration"),
        ("-2h", "'-2h' is no duration"),
        ("1h30", "'1h30' has a number without a unit"),
        ("0s", "'0s' is not between 0 and 366 days"),
        ("400d", "'400d' is not between 0 and 366 days"),
        ("10m,5m", "300 s comes after 600 s; clocks do not go back"),
        ("10m,10m", "600 s comes after 600 s; clocks do not go back"),
        ("auto,2h", "'auto' is no duration"),
    ],
)
def test_what_is_no_duration_is_refused(text, told):
    """What was got, what is needed."""
    with pytest.raises(ConfigError, match="--fast-forward") as raised:
        build_config(RUN | {"fast_forward": text})
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"attach": "4711", "fast_forward": "2h"},
            "--fast-forward with --attach 4711; what moves a clock is loaded",
        ),
        ({"attach": "4711", "clock_speed": 60.0}, "--clock-speed with --attach 4711"),
        (RUN | {"fast_forward": "2h", "clock_speed": 60.0}, "a clock is moved one way: drop one"),
        (RUN | {"fast_forward": "2h", "held": True, "join": ["ask"]}, "--fast-forward and --held were both given"),
        (RUN | {"clock_speed": 0.5}, "--clock-speed"),
        (RUN | {"clock_speed": 5000.0}, "--clock-speed"),
    ],
)
def test_a_clock_that_cannot_be_moved_so_is_refused(options, told):
    """A running process cannot be preloaded, held clients would be lost, and there is one clock."""
    with pytest.raises(ConfigError) as raised:
        build_config(options)
    assert told in str(raised.value)


def test_the_marks_of_a_run_are_stored_and_read_again():
    """So that the same soak can be made again, with another mark if that is asked for."""
    stored = store_options(build_config(RUN | {"fast_forward": "2h"}))
    assert msgspec.convert(stored, Config).fast_forward == Marks((30.0, 120.0, 600.0, 3600.0, 7200.0))
    assert stored["fast_forward"] == {"seconds": (30.0, 120.0, 600.0, 3600.0, 7200.0), "only_grown": False}

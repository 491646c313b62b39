"""The server's own words: which exception its log shows most often, and where the application raised it."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from soakproof.target.logged import READ_BYTES, commonest_error, read_errors


def fail(depth: int) -> None:
    if depth:
        fail(depth - 1)
    raise KeyError("no such user")


def traceback_of(raising, *arguments) -> str:
    try:
        raising(*arguments)
    except (LookupError, RuntimeError, ValueError):
        return traceback.format_exc()
    raise AssertionError


def test_an_exception_is_counted_with_the_line_that_raised_it(tmp_path: Path) -> None:
    """Real tracebacks among other lines: the most frequent is told, with its innermost line of the application."""
    log = tmp_path / "target.log"
    noise = "INFO: connection open\n"
    log.write_text((noise + traceback_of(fail, 2) + noise) * 3 + traceback_of(int, "x"))
    told, times = commonest_error(log) or pytest.fail("nothing was found")
    assert (told.error, times) == ("KeyError: 'no such user'", 3)
    assert told.place.startswith("test_logged_errors.py:")
    assert told.place.endswith(" in fail")
    assert told.say(times).endswith(", 3 times")


def test_of_a_chained_exception_the_last_one_counts() -> None:
    """What was raised while another was handled is what ended the handler."""

    def chain() -> None:
        try:
            fail(0)
        except KeyError as error:
            raise RuntimeError("gave up") from error

    assert [told.error for told in read_errors(traceback_of(chain).splitlines())] == ["RuntimeError: gave up"]


def test_a_loggers_prefix_is_passed_over() -> None:
    """Loggers write their own words in front of the traceback's first line or above it."""
    text = "ERROR [app] " + traceback_of(fail, 0) + "INFO next\n" + "ERROR task failed\n" + traceback_of(fail, 0)
    assert [told.error for told in read_errors(text.splitlines())] == ["KeyError: 'no such user'"] * 2


def test_only_the_end_of_a_long_log_is_read(tmp_path: Path) -> None:
    """A log of gigabytes costs no gigabytes: what stands before its end is not counted."""
    log = tmp_path / "target.log"
    log.write_text(traceback_of(fail, 0) * 2 + "x" * READ_BYTES + "\n" + traceback_of(int, "x"))
    told, times = commonest_error(log) or pytest.fail("nothing was found")
    assert (told.error, times) == ("ValueError: invalid literal for int() with base 10: 'x'", 1)


@pytest.mark.parametrize("text", ["", "INFO: all well\n", "Traceback (most recent call last):\n"])
def test_a_log_without_an_exception_tells_nothing(tmp_path: Path, text: str) -> None:
    """Nothing is made up where no traceback ends."""
    log = tmp_path / "target.log"
    log.write_text(text)
    assert commonest_error(log) is None
    assert commonest_error(tmp_path / "missing.log") is None

"""Which exceptions of the server's log a report tells."""

from collections import Counter

import pytest

from soakproof.run.servererrors import is_worth_telling, of_errors
from soakproof.target.logged import Logged
from soakproof.wording.warned import say_warning
from tests.synthetic_runs import make_run

RARE = Counter({Logged("Disconnected: too late", "app.py:31 in receive"): 20})


@pytest.mark.parametrize(("kind", "is_told"), [("bounded", False), ("leak", True)])
def test_a_few_exceptions_are_told_where_something_is_left(kind, is_told):
    """Twenty of thousands of connections are no news in a bounded run, and may be the cause in any other."""
    assert is_worth_telling(make_run(kind), RARE.total()) == is_told


def test_many_exceptions_are_told_in_any_run():
    """What a twentieth of the handlers did not come to was not soaked."""
    run = make_run("bounded")
    done = sum(wave.opened for wave in run.waves)
    assert is_worth_telling(run, done // 20 + 1)


def test_the_commonest_exception_is_named_with_its_line():
    """A maintainer is told where to look, and that it may be the cause."""
    said = say_warning(of_errors(make_run("leak"), RARE))
    assert "mostly Disconnected: too late, raised at app.py:31 in receive, 20 times" in said
    assert "may be what is left behind; see target.log" in said

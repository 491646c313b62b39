"""Looking twice without erring more."""

import pytest

from soakproof.judge.looks import final_confidence, first_confidence, is_extended, with_reserve
from tests.synthetic_runs import make_run


def test_single_look_spends_all():
    """A run of as many waves as planned is judged at the confidence asked for."""
    run = make_run()
    assert not is_extended(run)
    assert final_confidence(run, 0.9) == 0.9


def test_two_looks_spend_no_more_than_one():
    """The error rates of the first look and of the look after an extension add up to one look's."""
    run = make_run()
    run.header.plan.waves = 8
    assert is_extended(run)
    assert (1 - first_confidence(0.9)) + (1 - final_confidence(run, 0.9)) == pytest.approx(0.1)


@pytest.mark.parametrize(("estimated", "more"), [(0, 0), (1, 5), (4, 6), (10, 15)])
def test_an_extension_has_a_reserve(estimated, more):
    """Half as many again as are estimated, half of the ten that were planned at least; none where all is decided."""
    assert with_reserve(estimated, make_run(waves=10)) == more

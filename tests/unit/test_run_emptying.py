"""What is looked at again after the drain: what it has emptied for the most part, and that may be emptying still."""

from __future__ import annotations

import msgspec
import pytest

from soakproof.judge.codes import Doubt, Rule
from soakproof.run.phases import are_totals_open, is_emptying
from tests.fed_series import make_finding


@pytest.mark.parametrize(
    ("peak", "last", "doubt", "is_waited_for"),
    [
        (800, 18, None, True),
        (800, 700, None, False),
        (800, 0, None, False),
        (17_504, 9_544, Doubt.EMPTYING, True),  # of blocks 9,000 were there before anybody came
        (17_504, 9_544, Doubt.AT_THE_MARGIN, False),
    ],
)
def test_what_has_emptied_for_the_most_part_is_waited_for(peak, last, doubt, is_waited_for):
    """By what is left of a registry; of totals, which begin at thousands, by what the judge says."""
    found = make_finding("blocks:96" if peak > 10_000 else "registry:app:SESSIONS")
    found = msgspec.structs.replace(found, verdict="inconclusive", peak=float(peak), last=float(last), doubt=doubt)
    assert is_emptying(found) is is_waited_for


def test_the_load_comes_again_where_totals_alone_are_open():
    """Not where a registry is open, which its own entries decide, nor beside a leak, nor where all is proven."""
    blocks = msgspec.structs.replace(make_finding("blocks:96", "inconclusive"), rule=Rule.UNDECIDED)
    registry = msgspec.structs.replace(make_finding("registry:app:SESSIONS", "inconclusive"), rule=Rule.UNDECIDED)
    assert are_totals_open([blocks, make_finding("registry:app:USERS", "bounded")])
    assert not are_totals_open([blocks, registry])
    assert not are_totals_open([blocks, make_finding("type:app.Session")])
    assert not are_totals_open([msgspec.structs.replace(blocks, rule=Rule.TOO_FEW)])
    assert not are_totals_open([])

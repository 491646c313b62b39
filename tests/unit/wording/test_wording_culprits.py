"""Who keeps what leaks: numbers on one page agree, or are not shown."""

from __future__ import annotations

import pytest

from soakproof.culprits import Culprit, Site, TypeCount
from soakproof.report.markdown import render_markdown
from soakproof.wording.culprits import agreeing_types, name_culprit
from soakproof.wording.remedies import say_remedy
from tests.synthetic_runs import make_run
from tests.unit.report.made_verdicts import make_finding, make_verdict
from tests.unit.report.test_report_text import say


def leak(counted, metric="thread:Thread-", **fields):
    finding = make_finding(metric, "leak", per_connection=1.0, ci=(0.96, 1.04), **fields)
    finding.culprit = Culprit(owner="", types=[TypeCount(name="Thread", per_connection=counted)])
    return finding


@pytest.mark.parametrize(("counted", "are_agreeing"), [(7.98, False), (0.6, False), (1.02, True), (0.9, True)])
def test_types_have_numbers_where_they_agree_with_the_rate(counted, are_agreeing):
    """What a traced wave counted is not shown beside a rate that all waves contradict; the names are."""
    assert agreeing_types(leak(counted))[1] is are_agreeing
    verdict = make_verdict("leak", [leak(counted)])
    for text in (say(verdict, make_run("leak"), width=120), render_markdown(make_run("leak"), verdict)):
        assert "Thread" in text
        assert (f"+{counted:.2f}" in text or f"+{counted:.3f}" in text) is are_agreeing


def test_some_types_are_a_part_of_all_objects():
    """Garbage of one class need not add up to the number of all live objects."""
    assert agreeing_types(leak(0.5, "heap:objects"))[1]


@pytest.mark.parametrize(
    ("size", "of"), [("80", "65 to 80 bytes"), ("16", "1 to 16 bytes"), ("large", "over 512 bytes")]
)
def test_lost_blocks_are_told_by_their_size(size, of):
    """The culprit was called "80"."""
    lost = make_finding(f"blocks:{size}", "leak", per_connection=0.1, ci=(0.09, 0.11))
    lost.culprit = Culprit(owner=size, sites=[Site(file="app.py", line=5, function="join")])
    assert name_culprit(lost) == f"objects of {of} that nothing Python knows holds"
    assert "app.py:5 in join allocates what stays; see who keeps it" in say_remedy(lost, None)
    said = say(make_verdict("leak", [lost]), make_run("leak"), width=160)
    assert f"objects of {of} that nothing Python knows holds" in " ".join(said.split())

"""What a pending timer holds is told as such: no leak while it is not due, and not bounded either."""

from __future__ import annotations

import pytest

from soakproof.culprits import Culprit
from soakproof.judge import judge_run
from soakproof.judge.pending import leave_open, measured_s
from soakproof.samples import Diagnosis
from soakproof.wording import say_reason
from soakproof.wording.advice import advise, say_headline
from tests.synthetic_runs import feed, make_run

PAGES = "registry:app.PAGES"
BY = "the task clear_on_timeout"


def soak(held_s, by=BY):
    growth = [600.0 * wave for wave in range(1, 12)]
    run = feed({PAGES: growth, "type:app.Page": growth})
    run.diagnoses[PAGES] = Diagnosis(metric=PAGES, culprit=Culprit(owner="app:PAGES", held_s=held_s, held_by=by))
    return run, judge_run(run)


def test_what_a_timer_holds_for_longer_than_the_soak_is_left_open():
    """Container and class are open, the container decides, and the sentence tells the timer; nothing is foretold."""
    run, verdict = soak(3600.0)
    assert (verdict.verdict, verdict.exit_code) == ("inconclusive", 3)
    pages, page = (each for each in verdict.findings if each.metric in {PAGES, "type:app.Page"})
    assert (pages.metric, pages.is_deciding, page.is_deciding) == (PAGES, True, False)
    assert say_reason(pages).endswith("; held until 3,600 s after the client left, by the task clear_on_timeout")
    assert verdict.memory_growth is None
    assert say_headline(run, verdict) == "Not decided: what grows is held by timers that were not due yet."
    [advice] = advise(run, verdict)
    assert advice.startswith("app:PAGES grows until the task clear_on_timeout has run, 3,600 s after the client left")


@pytest.mark.parametrize("held_s", [None, 1.0, 86_400.0])
def test_what_was_due_or_is_held_for_a_day_is_a_leak(held_s):
    """A timer that ran out within the soak did not drop it; and for a day nobody waits."""
    run, verdict = soak(held_s)
    assert measured_s(run) > 1.0
    assert (verdict.verdict, verdict.findings[0].metric) == ("leak", PAGES)


def test_another_leak_stays_one():
    """What a timer holds is open beside it, and comes after it."""
    run = make_run("leak")
    leak = judge_run(run).findings[0]
    grown = [leak, *judge_run(soak(3600.0)[0]).findings]
    assert leave_open(grown, run)[0] == leak

"""A run that ended before its drain convicts nothing by growth alone: what grew may linger."""

from __future__ import annotations

import msgspec
import pytest

from soakproof.judge import judge_run
from soakproof.judge.codes import Rule
from soakproof.judge.undrained import lacks_drain
from soakproof.samples import End
from soakproof.wording import say_reason
from soakproof.wording.advice import advise, say_headline
from tests.synthetic_drafts import LOCKS
from tests.synthetic_runs import make_run


def cut_short(outcome, *, drain_s=65.0):
    """Return a run with a leak that was to drain, and ended in its waves."""
    run = make_run("leak")
    run.header.plan = msgspec.structs.replace(run.header.plan, drain_s=drain_s)
    run.samples = [sample for sample in run.samples if sample.phase not in {"drain", "trace"}]
    run.end = outcome and End(t_s=run.samples[-1].t_s, outcome=outcome)
    return run


@pytest.mark.parametrize(
    ("outcome", "verdict"), [("target-died", "invalid"), ("interrupted", "inconclusive"), (None, "invalid")]
)
def test_growth_before_a_drain_is_no_leak(outcome, verdict):
    """However it ended; the growth is told, with why it is open."""
    run = cut_short(outcome)
    judged = judge_run(run)
    assert judged.verdict == verdict
    found = next(each for each in judged.findings if each.metric == LOCKS)
    assert (found.verdict, found.rule, found.overruled) == ("inconclusive", Rule.NOT_DRAINED, Rule.SLOPE)
    assert say_reason(found).endswith("; but the run ended before its drain was over, in which what lingers goes")
    if verdict == "inconclusive":
        assert (
            say_headline(run, judged)
            == "Not decided: the run ended before it was seen whether what grew goes by itself."
        )
        assert advise(run, judged) == [
            "Soak again, and let the run come to its end: its drain tells what lingers from what leaks."
        ]


@pytest.mark.parametrize("drain_s", [None, 0.0])
def test_where_no_drain_was_planned_growth_convicts(drain_s):
    """Nobody was to wait: --drain 0, and runs that were stored before the plan told of it."""
    assert judge_run(cut_short("target-died", drain_s=drain_s)).verdict == "leak"


@pytest.mark.parametrize("phase", ["again", "trace"])
def test_what_came_after_the_drain_shows_that_it_was_over(phase):
    """A target that dies as the load comes again, or in the second pass, had been waited for."""
    run = cut_short("target-died")
    assert lacks_drain(run)
    last = run.samples[-1]
    run.samples.append(msgspec.structs.replace(last, kind="tick", phase=phase))
    assert not lacks_drain(run)


def test_a_run_that_ended_as_planned_or_goes_on_lacks_nothing():
    """Whatever it found to wait for; what leaks so far is what is waited for next."""
    assert not lacks_drain(cut_short("completed"))
    run = cut_short(None)
    run.is_under_way = True
    assert judge_run(run).findings[0].verdict == "leak"

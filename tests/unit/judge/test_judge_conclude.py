"""From findings to the verdict: order of precedence, exit code, sentence, sums."""

import msgspec
import pytest

from soakproof.culprits import Culprit, Site
from soakproof.judge.conclude import conclude, exit_code_of, summarize_load
from soakproof.judge.verdict import EXIT_CODES
from soakproof.plans import Rules
from soakproof.warningcodes import WarningCode, warn
from soakproof.wording import say_verdict_reason
from tests.fed_series import make_finding
from tests.synthetic_drafts import PID
from tests.synthetic_runs import make_run

LEAK = make_finding("registry:app:ROOMS")
OPEN = make_finding(
    "type:app.X", "inconclusive", rule="undecided", per_connection=0.05, ci=(0.0, 0.1), waves_to_decide=12
)
DIED = warn(WarningCode.ENDED_EARLY, outcome="target-died", reason="")
NO_END = warn(WarningCode.NO_END)
FINE = make_finding("registry:app:OK", "bounded")


def decide(findings, invalid=(), run=None):
    return conclude(run or make_run(), findings, invalid, Rules())


def test_leak_comes_before_all():
    """A proven leak is a leak even if the target died of it; what else was wrong is a warning."""
    verdict = decide([LEAK, OPEN], [DIED])
    assert (verdict.verdict, verdict.exit_code) == ("leak", 1)
    assert say_verdict_reason(verdict).startswith("app:ROOMS keeps +1.00 [")
    assert DIED in verdict.warnings


def test_invalid_comes_before_open():
    """What was not seen is invalid, never green; the first reason is the sentence, the rest are warnings."""
    verdict = decide([OPEN], [NO_END, DIED])
    assert (verdict.verdict, verdict.exit_code, verdict.obstacle) == ("invalid", 4, NO_END)
    assert say_verdict_reason(verdict).startswith("the run has no end")
    assert verdict.warnings[-1] == DIED


def test_one_open_metric_leaves_the_run_open():
    """The sentence names the slowest metric and how many waves it would take."""
    verdict = decide([OPEN, FINE])
    assert (verdict.verdict, verdict.exit_code) == ("inconclusive", 3)
    assert say_verdict_reason(verdict).startswith("app.X: +0.0500 [0, +0.1")
    assert say_verdict_reason(verdict).endswith(" nor above it; about 12 more waves would decide")


def test_several_open_metrics_are_counted():
    """Their number follows; a reason that names its metric is not named twice, and no estimate is no advice."""
    open_one = make_finding("type:app.Y", "inconclusive", rule="too few", values={"points": 4.0, "needed": 5.0})
    assert say_verdict_reason(decide([open_one, open_one])) == (
        "app.Y: 4 settled rest points, need 5; run more waves (--waves 8) (2 metrics undecided)"
    )


def test_what_stood_still_is_not_named_as_if_it_had_grown():
    """Where the run was short and nothing open moved, the reason is what so few connections can tell."""
    still = make_finding("library:environ", "inconclusive", 0.0, ci=(0.0, 0.018), rule="undecided", waves_to_decide=26)
    assert say_verdict_reason(decide([still, still])) == (
        "nothing undecided grew, but 9,200 connections tell no less than 0.018 per connection from none; "
        "about 26 more waves would decide (2 metrics undecided)"
    )
    assert say_verdict_reason(decide([still, OPEN])).startswith("library:environ: 0 [0, +0.018]")


def test_undecided_bytes_do_not_hold_back():
    """Bytes that stay undecided leave a verdict that every count supports."""
    told = make_finding("process:rss", "inconclusive", is_deciding=False)
    verdict = decide([told, FINE])
    assert (verdict.verdict, verdict.exit_code) == ("bounded", 0)
    reason = say_verdict_reason(verdict)
    assert reason.startswith("all 1 counts are proven bounded over 9,200 connections: no container")


def test_consequences_do_not_decide():
    """A leak that was folded under another is not counted."""
    assert decide([make_finding("heap:blocks", is_deciding=False), FINE]).verdict == "bounded"


def test_leak_names_line_and_trigger():
    """Where the second pass found a line and a drop mode, the sentence has them."""
    site = Site(file="app.py", line=31, function="connect")
    culprit = Culprit(owner="app:ROOMS", sites=[site], trigger="mid-binary")
    leak = make_finding("registry:app:ROOMS", culprit=culprit)
    assert say_verdict_reason(decide([leak, LEAK])).endswith(" at last, at app.py:31, on mid-binary; and 1 more")


@pytest.mark.parametrize("verdict", EXIT_CODES)
def test_exit_codes(verdict):
    """Exit codes are the contract's; only leaks fail where only leaks are to fail."""
    assert exit_code_of(verdict, Rules()) == EXIT_CODES[verdict]
    only_leaks = exit_code_of(verdict, Rules(fail_on="leak"))
    assert only_leaks == (0 if verdict == "inconclusive" else EXIT_CODES[verdict])


def test_sums_leave_the_second_pass_out():
    """Connections, drops and peak are those of the judged waves."""
    run = make_run()
    run.waves.append(msgspec.structs.replace(run.waves[-1], phase="trace", peak_clients=10_000))
    verdict = decide([FINE], run=run)
    assert (verdict.connections, verdict.drops, verdict.peak_clients) == (9200, {"close": 9200}, 600)
    assert verdict.target.pids == [PID]
    assert verdict.seed == 7
    assert 60 < verdict.duration_s < 90


def test_lines_of_the_second_pass_are_passed_on():
    """Growth by line stands in the verdict whether it leaks or not."""
    assert decide([FINE], run=make_run("leak")).growth_by_line[0].line == 88


def test_load_is_weighted_by_connections():
    """Rates are means over connections, latency the worst of the waves, CPU per connection."""
    waves = make_run().waves[:2]
    waves[0].intended, waves[0].rate_achieved, waves[0].failures = 1800, 100.0, 3
    waves[1].rate_achieved, waves[1].latency_s = 500.0, {"p99": 0.5}
    load = summarize_load(waves)
    assert load.rate_achieved == 200.0
    assert load.failures == 3
    assert load.latency_s["p99"] == 0.5
    assert load.cpu_ms_per_connection == pytest.approx(0.42)


def test_run_without_anything_has_a_verdict():
    """An empty run is summed without dividing by nothing."""
    run = make_run()
    run.samples, run.waves, run.lines = [], [], None
    verdict = decide([], [warn(WarningCode.NO_CONNECTION)], run=run)
    assert (verdict.connections, verdict.duration_s, verdict.load.rate_achieved) == (0, 0.0, 0.0)
    assert verdict.target.pids == run.header.target.pids

"""What empties as the target's clock leaps is bounded, with when; what stays is a leak, by what stayed alone."""

from __future__ import annotations

import msgspec
import pytest

from soakproof.culprits import Site
from soakproof.judge import judge_run
from soakproof.judge.emptying import left_bound
from soakproof.report.charts.emptying import chart_emptying, read_emptying
from soakproof.samples import Emptied, Leap, Metric, Wave
from soakproof.wording import say_reason
from soakproof.wording.emptying import say_emptyings
from tests.fed_series import feed_series
from tests.synthetic_runs import feed

TABLE = "registry:app.CLIENTS"
GROWTH = [600.0 * wave for wave in range(2, 13)]
PULSE = 3
MARKS_S = (30.0, 120.0, 600.0, 3600.0, 7200.0)


def leap(values, *, errors=None, pulsed=True):
    """Return a run whose table grows by each client, then reads so at each mark as its clock leaps."""
    run = feed({TABLE: GROWTH, "type:app.Client": GROWTH})
    last = [sample for sample in run.samples if sample.kind == "rest" and sample.phase == "drain"][-1]
    run.samples.remove(last)
    t_s, connections = last.t_s, last.connections
    add_reading(run, last, t_s, 0.0, connections, GROWTH[-1])
    for mark_s, value in zip(MARKS_S, values, strict=False):
        t_s, ahead_s, connections = t_s + 4.0, mark_s, connections + PULSE * pulsed
        run.leaps.append(Leap(t_s=t_s - 0.5, mark_s=mark_s, ahead_s=ahead_s, errors=errors or {}))
        if pulsed:
            run.waves.append(make_pulse(t_s - 1.0, ahead_s))
        add_reading(run, last, t_s, ahead_s, connections, value)
    run.end.t_s = t_s + 1.0
    return run


def add_reading(run, like, t_s, ahead_s, connections, value):
    metrics = like.metrics | {TABLE: value, "type:app.Client": value}
    run.samples.append(
        msgspec.structs.replace(like, t_s=t_s, ahead_s=ahead_s, connections=connections, metrics=metrics)
    )


def make_pulse(t_s, ahead_s):
    return Wave(
        index=99,
        phase="drain",
        t_start_s=t_s,
        t_end_s=t_s + 0.5,
        ahead_s=ahead_s,
        intended=PULSE,
        opened=PULSE,
        dropped={"close": PULSE},
        peak_clients=PULSE,
        rate_intended=3.0,
        rate_achieved=3.0,
    )


def find(run):
    return next(finding for finding in judge_run(run).findings if finding.metric == TABLE)


def test_what_empties_is_bounded_and_its_time_to_live_bracketed():
    """It still held all after two minutes, and only what the last pulse left after ten; and who emptied it is told."""
    top = GROWTH[-1]
    run = leap([top + 3, top + 6, 3, 3, 3])
    sweep = Site(file="/srv/app.py", line=12, function="sweep", role="empties", entries=7200)
    run.emptied["app:CLIENTS"] = Emptied(owner="app:CLIENTS", by="task sweep", sites=[sweep])
    run.metrics[TABLE] = Metric(metric=TABLE, owner="app:CLIENTS")
    verdict = judge_run(run)
    found = find(run)
    assert (verdict.verdict, found.verdict) == ("bounded", "bounded")
    assert 120 < found.emptying.after_s < 140
    assert 600 < found.emptying.by_s < 630
    rate = found.emptying.rate
    assert found.emptying.holds_at_most == pytest.approx(rate * found.emptying.by_s, rel=0.05)
    told = next(iter(say_emptyings(verdict)))
    assert told.startswith("app.CLIENTS empties between 2.3 min and 10 min after the last connection, by task sweep")
    assert "app.py:12: at " in told
    assert told in f"app.CLIENTS {say_reason(found)}"


def test_what_the_pulses_left_is_not_held_against_it():
    """Of a time-to-live near the last mark all pulses are still there, and no more than those."""
    top = GROWTH[-1]
    assert find(leap([top + 3, top + 6, top + 9, top + 12, 15])).verdict == "bounded"


def test_what_empties_at_the_last_mark_leaves_no_more_than_is_left():
    """All pulses may be young then; of fifteen that came, what three of them left is all that may be for good."""
    series = feed_series("registry:a", [200.0 * at for at in range(2, 9)], clients=200, drained=3.0, x_end=1_615.0)
    assert left_bound(series, 1.0, 15.0, 0.03) < 0.005
    assert left_bound(series.at_drain(9.0), 1.0, 15.0, 0.03) > 0.005


def test_more_than_the_pulses_can_have_left_is_a_leak():
    """One client in twenty is never removed: its rate is that of what is left, and of no slope."""
    top = GROWTH[-1]
    kept = round((top + 600) * 0.05)
    found = find(leap([top + 3, top + 6, kept + 3, kept + 3, kept + 3]))
    assert (found.verdict, found.rule) == ("leak", "outlasts the leaps")
    assert found.per_connection == pytest.approx(0.05, abs=0.015)
    assert found.ci[0] < found.per_connection < found.ci[1]
    assert found.emptying is None
    assert say_reason(found).endswith("left theirs for good; still there after 2 h of the target's time")


def test_what_nobody_came_to_remove_is_not_held_against_it():
    """A server that cleans up as clients connect keeps the last pulse, however long ago that was."""
    top = GROWTH[-1]
    run = leap([top + 3, top + 6, top + 9, 3, 3])
    last = run.samples[-1]
    run.leaps.append(Leap(t_s=last.t_s + 1.0, mark_s=14_400.0, ahead_s=14_400.0))
    add_reading(run, last, last.t_s + 2.0, 14_400.0, last.connections, 3)
    assert find(run).verdict == "bounded"


def test_what_only_code_that_ran_at_last_has_left_is_no_leak():
    """Blocks follow the table that emptied; a hundred more are of the timers' code, and of no client."""
    blocks = "heap:blocks"
    run = leap([GROWTH[-1] + 3, 3, 3, 3, 3])
    for sample in run.samples:
        if blocks in sample.metrics:
            table = sample.metrics.get(TABLE, 0.0)
            sample.metrics = sample.metrics | {blocks: 150_000 + 2 * table + (1000 if sample.ahead_s else 0)}
    verdict = judge_run(run)
    assert next(each for each in verdict.findings if each.metric == blocks).verdict != "leak"
    assert verdict.verdict != "leak"


def test_what_no_leap_empties_is_a_leak_as_ever():
    """For how long it stayed is told."""
    top = GROWTH[-1]
    found = find(leap([top + 3 * at for at in range(1, 6)]))
    assert (found.verdict, found.rule) == ("leak", "slope")
    assert found.still_s == pytest.approx(7220, abs=30)
    assert found.per_connection == pytest.approx(1.0, abs=0.05)


def test_a_server_that_broke_as_its_clock_leapt_is_no_leak():
    """What was to empty the table may not have run: left open, with what was met."""
    top = GROWTH[-1]
    run = leap([top + 3 * at for at in range(1, 6)], errors={"TimeoutError: no connection, raised at app.py:9": 2})
    verdict = judge_run(run)
    assert verdict.verdict == "inconclusive"
    assert find(run).rule == "the leap broke it"
    assert any(warning.code == "leap-broke" for warning in verdict.warnings)


def test_errors_that_the_waves_met_too_are_no_excuse():
    """Only what came with the leaps is."""
    top, error = GROWTH[-1], "ConnectionError: refused"
    run = leap([top + 3 * at for at in range(1, 6)], errors={error: 2})
    run.waves[3].errors = {error: 1}
    assert judge_run(run).verdict == "leak"


def test_a_run_without_leaps_says_nothing_of_them():
    """Nothing is bracketed where no clock was moved."""
    found = find(feed({TABLE: GROWTH}))
    assert (found.emptying, found.still_s) == (None, None)


def test_the_chart_is_over_the_targets_own_time():
    """A panel for the table, from the load's end to the last mark; none where no clock leapt."""
    top = GROWTH[-1]
    run = leap([top + 3, top + 6, 3, 3, 3])
    chart = chart_emptying(run, judge_run(run))
    assert chart is not None
    assert chart.description == "app.CLIENTS empties between 2.3 min and 10 min after the last connection"
    times, values = read_emptying(run, TABLE)
    assert times[-1] == pytest.approx(7220, abs=30)
    assert (max(values), values[-1]) == (top + 6, 3)
    assert chart.svg.startswith("<svg")
    plain = feed({TABLE: GROWTH})
    assert chart_emptying(plain, judge_run(plain)) is None

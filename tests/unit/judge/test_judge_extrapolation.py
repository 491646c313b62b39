"""What a leak comes to: bytes a day and hours to the limit, at the observed rate and at a given one."""

import msgspec
import pytest

from soakproof.judge import judge_run
from soakproof.judge.extrapolation import observed_rate, traced_growth
from soakproof.samples import Culprit, Diagnosis, Lines, MemoryLimit, Rules, Site
from tests.fed_series import make_finding
from tests.synthetic_runs import make_run

LIMIT = MemoryLimit(limit_bytes=512 << 20, source="cgroup")


def judge(kind="leak", rules=None, limit=LIMIT):
    run = make_run(kind)
    run.header.target.memory_limit = limit
    return run, judge_run(run, rules)


def test_a_leak_is_extrapolated_at_the_observed_rate():
    """Bytes a day are bytes per connection times connections a day, with its interval; hours fill what is left."""
    run, verdict = judge()
    [observed] = verdict.extrapolations
    uss = next(finding for finding in verdict.findings if finding.metric == "process:uss")
    rss = next(finding for finding in verdict.findings if finding.metric == "process:rss")
    assert observed.rate == pytest.approx(observed_rate(run), abs=0.001)
    assert observed.bytes_per_day == pytest.approx(uss.per_connection * observed.rate * 86_400, rel=1e-4)
    low, high = observed.bytes_per_day_ci
    assert low < observed.bytes_per_day < high
    free = LIMIT.limit_bytes - rss.last
    assert observed.hours_to_limit == pytest.approx(free / observed.bytes_per_day * 24)
    soonest, latest = observed.hours_to_limit_ci
    assert soonest == pytest.approx(free / high * 24)
    assert soonest < observed.hours_to_limit < latest


def test_a_given_rate_scales_it():
    """At a tenth of the rate it is a tenth of the bytes, and ten times the hours."""
    rate = observed_rate(make_run("leak"))
    _, verdict = judge(rules=Rules(at_rate=rate / 10))
    observed, given = verdict.extrapolations
    assert (observed.is_given, given.is_given) == (False, True)
    assert given.bytes_per_day == pytest.approx(observed.bytes_per_day / 10, rel=1e-4)
    assert given.hours_to_limit == pytest.approx(observed.hours_to_limit * 10, rel=1e-4)


@pytest.mark.parametrize(("kind", "outcome"), [("bounded", "bounded"), ("high-water", "bounded"), ("died", "invalid")])
def test_only_leaks_are_extrapolated(kind, outcome):
    """A drift that no verdict calls a leak is not blown up to gigabytes."""
    _, verdict = judge(kind, Rules(at_rate=20.0))
    assert verdict.verdict == outcome
    assert verdict.extrapolations == []


def test_a_leak_that_finds_room_in_freed_pages_is_weighed_by_what_was_traced():
    """Where the traced bytes of the leak's files are more than USS grew, they stand, as sure as the leak's count."""
    run = make_run("rare")
    leak = next(finding for finding in judge_run(run).findings if finding.verdict == "leak")
    site = Site(file="server/documents.py", line=88, function="lock", per_connection_bytes=900.0)
    other = Site(file="elsewhere.py", line=1, function="warm", per_connection_bytes=5000.0)
    run.lines = Lines(connections=400, sites=[other, site])
    run.diagnoses[leak.metric] = Diagnosis(metric=leak.metric, culprit=Culprit(owner="locks", sites=[site]))
    [observed] = judge_run(run).extrapolations
    assert observed.metric == "traced"
    assert observed.bytes_per_day == pytest.approx(900.0 * observed.rate * 86_400)
    assert observed.bytes_per_day_ci[0] == pytest.approx(observed.bytes_per_day * leak.ci[0] / leak.per_connection)


@pytest.mark.parametrize(("bytes_per_block", "stays"), [(100.0, 0.5), (4096.0, 1.0)])
def test_of_small_blocks_no_more_is_believed_to_stay_than_the_rest_points_tell(bytes_per_block, stays):
    """Two traced waves see twice the blocks that all waves keep: half is what fills once; of large ones none counts."""
    run = make_run("rare")
    verdict = judge_run(run)
    leak = next(finding for finding in verdict.findings if finding.verdict == "leak")
    [blocks] = [finding.per_connection for finding in verdict.findings if finding.metric == "heap:blocks"]
    count = 2 * blocks
    slope = count * bytes_per_block
    site = Site(file="a.py", line=88, function="lock", per_connection_bytes=slope, per_connection=count)
    run.lines = Lines(connections=400, sites=[site])
    run.diagnoses[leak.metric] = Diagnosis(metric=leak.metric, culprit=Culprit(owner="locks", sites=[site]))
    growth = traced_growth(run, judge_run(run).findings[0], blocks)
    assert growth
    assert growth.slope == pytest.approx(stays * slope)


def test_of_what_nothing_holds_the_line_to_blame_alone_is_believed_to_stay():
    """The lines behind the first are candidates: what they allocate is no part of the leak."""
    run = make_run("leak")
    blamed = Site(file="a.py", line=57, function="tie", per_connection_bytes=18.0, per_connection=0.4)
    other = Site(file="a.py", line=34, function="serve", per_connection_bytes=41.0, per_connection=0.3)
    run.lines = Lines(connections=400, sites=[other, blamed])
    blocks = make_finding("heap:blocks", per_connection=0.5, culprit=Culprit(owner="blocks", sites=[blamed, other]))
    growth = traced_growth(run, blocks, blocks.per_connection)
    assert growth
    assert growth.slope == 18.0


def test_growth_that_may_be_none_may_never_fill_the_limit():
    """Where the interval reaches below 0, the latest hour is never; a run of old without a limit has no hours."""
    _, verdict = judge("rare")
    [observed] = verdict.extrapolations
    assert observed.bytes_per_day_ci[0] < 0 < observed.bytes_per_day_ci[1]
    assert observed.hours_to_limit_ci[0] > 0
    assert observed.hours_to_limit_ci[1] is None
    _, unlimited = judge("leak", limit=None)
    assert unlimited.extrapolations[0].hours_to_limit is None


def test_a_full_container_has_no_hours_left():
    """A process at its limit fills it in no time, and not in negative time."""
    _, verdict = judge(limit=msgspec.structs.replace(LIMIT, limit_bytes=1 << 20))
    assert verdict.extrapolations[0].hours_to_limit == 0.0


def test_of_held_clients_it_is_events_that_come_at_a_rate():
    """Held clients stay: the rate is events over the time that the bursts took."""
    run = make_run()
    run.header.plan.is_held = True
    for wave in run.waves:
        wave.events = 100
    waves = [wave for wave in run.waves if wave.phase in {"wave", "steady"}]
    lasted_s = sum(wave.t_end_s - wave.t_start_s for wave in waves)
    assert observed_rate(run) == pytest.approx(100 * len(waves) / lasted_s)

"""What a leak comes to: bytes per connection and how many fill the limit; by the day at a rate that is given."""

import msgspec
import pytest

from soakproof.culprits import Culprit, Site
from soakproof.judge import judge_run
from soakproof.judge.extrapolation import traced_growth
from soakproof.plans import MemoryLimit, Rules
from soakproof.samples import Diagnosis, Lines
from tests.fed_series import make_finding
from tests.synthetic_runs import make_run

LIMIT = MemoryLimit(limit_bytes=512 << 20, source="cgroup")


def judge(kind="leak", rules=None, limit=LIMIT):
    run = make_run(kind)
    run.header.target.memory_limit = limit
    return run, judge_run(run, rules)


def test_a_leak_is_told_per_connection_and_by_those_that_fill_the_limit():
    """The growth is the memory's own with its interval; connections fill what is left. No rate is made up."""
    _, verdict = judge()
    growth = verdict.memory_growth
    uss = next(finding for finding in verdict.findings if finding.metric == "process:uss")
    rss = next(finding for finding in verdict.findings if finding.metric == "process:rss")
    assert (growth.bytes_per_connection, growth.bytes_per_connection_ci) == (uss.per_connection, uss.ci)
    assert growth.connections_to_limit == pytest.approx((LIMIT.limit_bytes - rss.last) / uss.per_connection)
    soonest, latest = growth.connections_to_limit_ci
    assert soonest < growth.connections_to_limit < latest
    assert verdict.extrapolations == []


def test_a_given_rate_tells_it_by_the_day():
    """Bytes a day are bytes per connection times connections a day, hours the connections to the limit by the rate."""
    _, verdict = judge(rules=Rules(at_rate=20.0))
    [given] = verdict.extrapolations
    growth = verdict.memory_growth
    assert given.is_given
    assert given.bytes_per_day == pytest.approx(growth.bytes_per_connection * 20 * 86_400)
    assert given.bytes_per_day_ci[0] == pytest.approx(growth.bytes_per_connection_ci[0] * 20 * 86_400)
    assert given.hours_to_limit == pytest.approx(growth.connections_to_limit / 20 / 3600)
    soonest, latest = given.hours_to_limit_ci
    assert soonest < given.hours_to_limit < latest


@pytest.mark.parametrize(("kind", "outcome"), [("bounded", "bounded"), ("high-water", "bounded"), ("died", "invalid")])
def test_only_leaks_are_extrapolated(kind, outcome):
    """A drift that no verdict calls a leak is not blown up to gigabytes."""
    _, verdict = judge(kind, Rules(at_rate=20.0))
    assert verdict.verdict == outcome
    assert (verdict.extrapolations, verdict.memory_growth) == ([], None)


def test_a_leak_that_finds_room_in_freed_pages_is_weighed_by_what_was_traced():
    """Where the traced bytes of the leak's files are more than USS grew, they stand, as sure as the leak's count."""
    run = make_run("rare")
    leak = next(finding for finding in judge_run(run).findings if finding.verdict == "leak")
    site = Site(file="server/documents.py", line=88, function="lock", per_connection_bytes=900.0)
    other = Site(file="elsewhere.py", line=1, function="warm", per_connection_bytes=5000.0)
    run.lines = Lines(connections=400, sites=[other, site])
    run.diagnoses[leak.metric] = Diagnosis(metric=leak.metric, culprit=Culprit(owner="locks", sites=[site]))
    growth = judge_run(run).memory_growth
    assert (growth.metric, growth.bytes_per_connection) == ("traced", pytest.approx(900.0))
    assert growth.bytes_per_connection_ci[0] == pytest.approx(900.0 * leak.ci[0] / leak.per_connection)


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


def test_of_growth_that_may_be_none_nothing_is_foretold():
    """Where the interval reaches below 0 there is no forecast, whatever the rate; without a limit it has no end."""
    _, verdict = judge("rare", Rules(at_rate=20.0))
    uss = next(finding for finding in verdict.findings if finding.metric == "process:uss")
    assert uss.ci[0] < 0 < uss.ci[1]
    assert (verdict.memory_growth, verdict.extrapolations) == (None, [])
    _, unlimited = judge("leak", Rules(at_rate=20.0), limit=None)
    assert unlimited.memory_growth.connections_to_limit is None
    assert unlimited.extrapolations[0].hours_to_limit is None


def test_a_full_container_has_room_for_no_connection():
    """A process at its limit fills it in no time, and not in negative time."""
    _, verdict = judge(limit=msgspec.structs.replace(LIMIT, limit_bytes=1 << 20))
    assert verdict.memory_growth.connections_to_limit == 0.0

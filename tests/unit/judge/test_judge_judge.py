"""The judge as a whole, on runs that never ran."""

import msgspec
import pytest

from soakproof.culprits import Site
from soakproof.judge import is_decided, judge_run, waves_needed
from soakproof.judge.judge import are_flat, find_culprit, find_homes, margin_of
from soakproof.judge.verdict import Verdict
from soakproof.plans import Bound, Margins, Rules
from soakproof.samples import End, Metric
from soakproof.wording import say_reason, say_verdict_reason
from tests.fed_series import feed_series, make_finding
from tests.synthetic_drafts import BROADCASTS, LOCKS, PING_TASKS, SESSIONS, STATES
from tests.synthetic_runs import feed, make_run
from tests.synthetic_stories import SPOILERS

VERDICTS = {
    "bounded": "bounded",
    "leak": "leak",
    "rare": "leak",
    "ttl": "bounded",
    "lingering": "bounded",
    "native": "leak",
    "inconclusive": "inconclusive",
    "high-water": "bounded",
    "sawtooth": "bounded",
    "saturating": "bounded",
    "library": "leak",
    "unsettled": "inconclusive",
    "died": "invalid",
    "cut-short": "invalid",
    "interrupted": "bounded",
}


def finding_of(verdict, metric):
    return next(finding for finding in verdict.findings if finding.metric == metric)


def fill_rests(run, metric, values):
    """Give a metric these values at the rest points from the second warm-up wave on."""
    rests = [sample for sample in run.samples if sample.kind == "rest"][2:]
    for sample, value in zip(rests, values, strict=True):
        sample.metrics[metric] = float(value)


@pytest.mark.parametrize("kind", SPOILERS)
def test_each_story_has_its_verdict(kind):
    """Each kind of run is judged for what it is."""
    assert judge_run(make_run(kind)).verdict == VERDICTS[kind]


@pytest.mark.parametrize("seed", range(20))
def test_clean_runs_raise_no_alarm(seed):
    """A healthy server is bounded, whatever the noise."""
    assert judge_run(make_run(seed=seed)).verdict == "bounded"


@pytest.mark.parametrize("seed", range(10))
def test_one_lock_in_a_hundred_is_convicted_and_named(seed):
    """One retained entry per 100 connections is found every time, and is the first finding."""
    verdict = judge_run(make_run("rare", seed=seed))
    assert verdict.findings[0].metric == LOCKS


def test_leak_is_one_finding_with_its_consequences():
    """The registry decides; its objects, blocks and strings are listed under it; the line is in the sentence."""
    verdict = judge_run(make_run("leak"))
    assert [f.metric for f in verdict.findings if f.verdict == "leak" and f.is_deciding] == [LOCKS]
    assert {"type:server.documents.Lock", "heap:blocks"} <= set(verdict.findings[0].consequences)
    assert verdict.findings[0].culprit.owner == "server.documents:locks"
    assert "server/documents.py:88" in say_verdict_reason(verdict)


def test_verdict_goes_through_json():
    """verdict.json reads back to the same verdict, too few points included."""
    for kind in ("leak", "unsettled"):
        verdict = judge_run(make_run(kind))
        assert msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict) == verdict


def test_judging_is_repeatable():
    """The same run gives the same verdict, bootstrap included."""
    assert judge_run(make_run("native")) == judge_run(make_run("native"))


def test_all_registries_are_listed_with_their_proof():
    """The four registries and the library's stand in the findings, each with nothing left."""
    findings = judge_run(make_run()).findings
    listed = {finding.metric: finding for finding in findings}
    for metric in (LOCKS, STATES, BROADCASTS, SESSIONS, "library:eio.sockets"):
        assert say_reason(listed[metric]).startswith("0 left of 9,200 connections")
        assert listed[metric].ci[1] <= listed[metric].margin


def test_lingering_tasks_have_their_stay():
    """Ping tasks that outlive their clients are bounded, with the 5 s they stayed."""
    assert finding_of(judge_run(make_run("lingering")), PING_TASKS).lingers_s == pytest.approx(5.0, abs=0.3)


def test_broken_run_has_no_findings():
    """Readings that cannot be trusted convict nobody."""
    run = make_run("leak")
    run.samples[40].metrics["fd:total"] = float("nan")
    verdict = judge_run(run)
    assert (verdict.verdict, verdict.findings) == ("invalid", [])


def test_leak_of_a_dead_target_is_a_leak():
    """That the target died of it does not acquit it."""
    run = make_run("leak")
    run.end = make_run("died").end
    assert judge_run(run).verdict == "leak"


def test_other_rules_give_another_verdict():
    """With a margin of two entries per connection nothing leaks; with a declared bound of ten much does."""
    wide = Rules(margins=Margins(entries=2.0, objects=9.0, heap_bytes=999.0, process_bytes=999.0))
    assert judge_run(make_run("leak"), wide).verdict == "bounded"
    tight = Rules(bounds={"server.documents:locks": Bound(max_items=10)})
    assert judge_run(make_run(), tight).findings[0].rule == "declared bound"


@pytest.mark.parametrize("key", [LOCKS, LOCKS.partition(":")[2], "server.documents:locks"])
def test_bounds_are_declared_by_metric_name_or_owner(key):
    """A bound is found under each of the names a report shows."""
    verdict = judge_run(make_run(), Rules(bounds={key: Bound(max_items=10_000)}))
    assert finding_of(verdict, LOCKS).rule == "declared bound"


def test_observed_bound_is_used_where_none_is_declared():
    """What the agent read off a container holds."""
    metric = "container:app:ring"
    values = [100.0 * at for at in range(11)]
    info = Metric(metric=metric, owner="app:ring", bound=Bound(max_items=5000, source="observed"))
    assert finding_of(judge_run(feed({metric: values}, infos=[info])), metric).rule == "its own maxlen"


def test_undiagnosed_leak_names_its_owner():
    """Before the second pass the culprit is the owner that the census knows, and whose it is."""
    run = make_run("library")
    culprit = judge_run(run).findings[0].culprit
    assert (culprit.owner, culprit.origin) == ("manager.rooms", "library")
    assert find_culprit("container:x", run).owner == "x"


def test_growing_bytes_name_the_lines_that_grew():
    """Bytes have no owner: the lines of the second pass are the best that is known."""
    run = make_run("native")
    run.lines = make_run("leak").lines
    assert judge_run(run).findings[0].culprit.sites == [
        Site(
            file="server/documents.py",
            line=88,
            function="lock_document",
            per_connection_bytes=212.0,
            per_connection=1.0,
            role="fills",
            source="self.locks[document_id] = Lock(user_id, expires_at, sid)",
        )
    ]


def test_object_that_nothing_holds_is_convicted():
    """One object per ten connections, held by no container, is found by its type."""
    run = make_run()
    fill_rests(run, "type:app.Orphan", [60 * at for at in range(1, 12)] + [920, 920])
    assert judge_run(run).findings[0].metric == "type:app.Orphan"


def test_margins_follow_the_kind():
    """Entries, objects, heap bytes and process bytes have their margins."""
    margins = Margins(entries=1.0, objects=2.0, heap_bytes=3.0, process_bytes=4.0)
    metrics = ("fd:total", "type:x", "heap:blocks", "heap:in_use_bytes", "process:rss")
    assert [margin_of(feed_series(metric, [0]), margins) for metric in metrics] == [1, 2, 2, 3, 4]


def test_flat_means_no_count_leaks_and_totals_are_proven():
    """An undecided type does not make the counts uneven; an undecided total, or a leak, does."""
    fine = [make_finding("heap:objects", "bounded"), make_finding("type:x", "inconclusive")]
    assert are_flat(fine)
    assert not are_flat([*fine, make_finding("heap:blocks", "inconclusive")])
    assert not are_flat([*fine, make_finding("registry:x")])


def test_decided_runs_need_no_more_waves():
    """A bounded run and a leak are decided; a run without readings is not worth going on with."""
    assert is_decided(make_run())
    assert is_decided(make_run("leak"))
    run = make_run()
    run.samples = []
    assert waves_needed(run) == 0


def test_undecided_run_asks_for_waves_once():
    """An undecided run says how many waves it needs, and does not ask again after its extension."""
    run = make_run("inconclusive")
    assert waves_needed(run) > 0
    assert not is_decided(run)
    run.header.plan.waves = 6
    assert waves_needed(run) == 0


def test_a_run_in_which_most_fails_is_not_gone_on_with():
    """A server that lets nobody in any more tells no more in more waves."""
    run = make_run("inconclusive")
    for wave in run.waves:
        wave.failures = wave.intended
    assert waves_needed(run) == 0


def test_blocks_alone_are_looked_at_for_as_many_waves_again():
    """Nothing else grows, and caches fill likewise at first: the run goes on once before it convicts."""
    run = feed({"heap:blocks": [400_000.0 + 1200 * wave for wave in range(11)]})
    [leak] = [finding for finding in judge_run(run).findings if finding.verdict == "leak"]
    assert leak.metric == "heap:blocks"
    assert waves_needed(run) == run.header.plan.waves == 10
    run.header.plan.waves = 6
    assert waves_needed(run) == 0


def test_extended_run_is_judged_more_strictly():
    """After a second look the confidence of every finding is higher."""
    run = make_run()
    run.header.plan.waves = 6
    assert all(finding.confidence == pytest.approx(0.94) for finding in judge_run(run).findings)


@pytest.mark.parametrize("waves", [0, 1])
def test_a_target_that_died_early_is_invalid_for_that_reason(waves):
    """Dead before any connection, or before any rest point to fit, the run says so and keeps what was read."""
    run = make_run()
    run.waves = run.waves[:waves]
    run.samples = [sample for sample in run.samples if sample.phase == "baseline"]
    run.end = End(t_s=1.0, outcome="target-died", reason="exit code 9")
    verdict = judge_run(run)
    assert (verdict.verdict, verdict.exit_code) == ("invalid", 4)
    assert say_verdict_reason(verdict).startswith("the target died before the first wave, 1 s into the run, at ")
    assert ": exit code 9; see target.log" in say_verdict_reason(verdict)


def test_homes_come_from_the_census():
    """A container that the census saw inside another is at home there."""
    run = make_run()
    run.metrics["registry:app.part"] = Metric(metric="registry:app.part", owner="app:part", within="app:whole")
    assert find_homes(run)["app:part"] == {"app:whole"}

"""What is counted exactly is judged exactly: buffers by the byte, blocks by size; and only what is proven is said."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from soakproof.judge import judge_run
from soakproof.judge.codes import Rule
from soakproof.judge.judge import margin_of, waves_needed
from soakproof.judge.power import warn_of_power
from soakproof.plans import Margins, Plan, Rules
from soakproof.run.draining import are_drains_to_compare
from soakproof.samples import Metric
from tests.fed_series import feed_series
from tests.synthetic_runs import feed, make_run

CLIENTS = 600
WAVES = 10
FLAT = [1000.0] * (WAVES + 1)
IN_USE = 15_000_000.0


def rise(per_connection, start=1000.0):
    """Return a series that gains so much with each connection of a default run."""
    return [start + per_connection * CLIENTS * at for at in range(WAVES + 1)]


def judge(series, infos=()):
    """Judge a default run with such series beside blocks by size that stand still."""
    still = {"blocks:64": FLAT, "blocks:512": FLAT, "heap:blocks": FLAT}
    return judge_run(feed(still | series, clients=CLIENTS, infos=list(infos)))


def finding(verdict, metric):
    """Return the finding of a metric."""
    return next(each for each in verdict.findings if each.metric == metric)


@pytest.mark.parametrize(
    ("metric", "per_connection"),
    [("buffer:app.AUDIT", 64), ("buffer:app.TIMES", 8), ("blocks:80", 0.1), ("child:zombie", 0.01), ("map:file", 0.01)],
)
def test_little_is_convicted_to_the_byte(metric, per_connection):
    """64 bytes of a buffer, one lost object in ten and one mapping in a hundred connections are leaks at the top."""
    run = feed({"blocks:64": FLAT, "heap:blocks": FLAT, metric: rise(per_connection)}, clients=CLIENTS)
    for sample in run.samples:
        if sample.kind == "rest":  # in the steady phase too
            sample.metrics[metric] = 1000 + per_connection * sample.connections
    verdict = judge_run(run)
    assert (verdict.verdict, verdict.findings[0].metric) == ("leak", metric)
    assert verdict.findings[0].per_connection == pytest.approx(per_connection)


@pytest.mark.parametrize("metric", ["buffer:app.AUDIT", "blocks:80"])
def test_what_wanders_and_stays_is_bounded(metric):
    """A text that is longer or shorter from one rest point to the next is no leak, nor are blocks that come and go."""
    values = [1000.0 + 7 * (-1) ** at for at in range(WAVES + 1)]
    assert finding(judge({metric: values}), metric).verdict == "bounded"


def test_a_leak_of_blocks_is_told_by_its_size_and_not_by_their_sum():
    """The size says more than all blocks, which follow it; so do the bytes."""
    verdict = judge({"blocks:80": rise(1), "heap:blocks": rise(1), "heap:in_use_bytes": rise(0, IN_USE)})
    assert verdict.findings[0].metric == "blocks:80"
    assert "heap:blocks" in verdict.findings[0].consequences


def test_a_buffer_inside_a_leaking_container_follows_it():
    """The texts in a list that gains entries gain bytes for that alone."""
    infos = [Metric(metric="registry:app.LOG", owner="app:LOG"), Metric(metric="buffer:app.LOG[*]", owner="app:LOG[*]")]
    verdict = judge({"registry:app.LOG": rise(1), "buffer:app.LOG[*]": rise(89)}, infos)
    assert verdict.findings[0].metric == "registry:app.LOG"
    assert "buffer:app.LOG[*]" in verdict.findings[0].consequences


def test_bytes_in_use_hold_a_verdict_back():
    """With all else exact and still, a C heap that gains 40 bytes per connection leaves the run open, not bounded."""
    rng = np.random.default_rng(7)
    noisy = [value + noise for value, noise in zip(rise(40, IN_USE), rng.normal(0, 100_000, WAVES + 1), strict=True)]
    verdict = judge({"heap:in_use_bytes": noisy})
    assert (verdict.verdict, verdict.exit_code) == ("inconclusive", 3)
    open_one = finding(verdict, "heap:in_use_bytes")
    assert open_one.is_deciding
    assert open_one.waves_to_decide


@pytest.mark.parametrize(("has_thread_caches", "verdict"), [(True, "bounded"), (False, "leak")])
def test_without_caches_in_threads_nothing_is_allowed_for_them(has_thread_caches, verdict):
    """32 bytes that C code loses with each connection were inside what seven threads may cache: 43 bytes for each."""
    threads = Metric(metric="thread:total")
    series = {"heap:in_use_bytes": rise(32, IN_USE), "thread:total": [7.0] * (WAVES + 1)}
    run = feed({"blocks:64": FLAT, "heap:blocks": FLAT} | series, clients=CLIENTS, infos=[threads])
    run.header.target.has_thread_caches = has_thread_caches
    found = judge_run(run)
    assert (found.verdict, finding(found, "heap:in_use_bytes").verdict) == (verdict, verdict)


@pytest.mark.parametrize("has_thread_caches", [True, False])
def test_what_c_maps_for_itself_comes_by_the_page_whatever_malloc_caches(has_thread_caches):
    """Its bar is as high with the caches as without: 40 bytes per connection are open, and no leak."""
    series = {"heap:in_use_bytes": [IN_USE] * (WAVES + 1), "heap:elsewhere_bytes": rise(40, 4e6)}
    run = feed({"blocks:64": FLAT, "heap:blocks": FLAT} | series, clients=CLIENTS)
    run.header.target.has_thread_caches = has_thread_caches
    assert finding(judge_run(run), "heap:elsewhere_bytes").verdict == "inconclusive"


@pytest.mark.parametrize("at", range(1, WAVES + 1))
def test_what_c_code_takes_once_is_no_leak(at):
    """A library that takes 300,000 bytes in one wave, whichever it is, does not gain 50 with each connection."""
    once = [IN_USE] * at + [IN_USE + 300_000] * (WAVES + 1 - at)
    run = feed({"blocks:64": FLAT, "heap:blocks": FLAT, "heap:in_use_bytes": once}, clients=CLIENTS)
    run.header.target.has_thread_caches = False
    assert judge_run(run).verdict != "leak"


@pytest.mark.parametrize(
    ("per_connection", "plateau", "verdict"),
    [
        (4000, False, "leak"),
        (100, False, "leak"),
        (30, False, "inconclusive"),
        (5, False, "bounded"),
        (4000, True, "bounded"),
    ],
)
def test_what_c_code_maps_for_itself_is_in_use(per_connection, plateau, verdict):
    """A library's own allocator takes its memory past malloc: 4,000 bytes per connection were bounded to 44."""
    values = rise(per_connection, 4e6)
    values = [min(value, values[4]) for value in values] if plateau else values
    uss = [50e6 + value for value in values]
    found = judge({"heap:in_use_bytes": [IN_USE] * (WAVES + 1), "heap:elsewhere_bytes": values, "process:uss": uss})
    elsewhere = finding(found, "heap:elsewhere_bytes")
    assert (found.verdict, elsewhere.verdict) == (verdict, verdict)
    if verdict == "leak":
        assert found.findings[0].metric == "heap:elsewhere_bytes"
        assert finding(found, "process:uss").relation is not None or finding(found, "process:uss").verdict != "leak"


@pytest.mark.parametrize(("left", "verdict"), [(0, "bounded"), (4, "bounded"), (32, "inconclusive")])
def test_bytes_in_use_that_the_drain_gives_back_only_lingered(left, verdict):
    """A C heap that gains the tables of what stays for a while is bounded by what of it the drain leaves."""
    noise = np.random.default_rng(7).normal(0, 10_000, WAVES + 1)
    grows = {"heap:in_use_bytes": list(rise(40, IN_USE) + noise)}
    run = feed({"blocks:64": FLAT, "blocks:512": FLAT, "heap:blocks": FLAT} | grows, clients=CLIENTS)
    for sample in run.samples:
        if sample.phase == "drain" and sample.kind == "rest":
            sample.metrics["heap:in_use_bytes"] = IN_USE + left * sample.connections
    found = finding(judge_run(run), "heap:in_use_bytes")
    assert found.verdict == verdict
    assert (found.rule == Rule.LINGERING) == (verdict == "bounded")


@pytest.mark.parametrize(
    ("once", "again", "verdict"),
    [
        (400_000, 400_500, "bounded"),  # the first clients' tables, paid once
        (400_000, 440_000, "inconclusive"),
        (440_000, 400_000, "inconclusive"),
        (4_700_000, 5_400_000, "leak"),  # nothing was taken back
    ],
)
def test_what_two_drains_leave_in_use_is_compared(once, again, verdict):
    """A server that keeps each connection for half a minute was convicted by its C heap, with all blocks proven."""
    run = feed(
        {"blocks:64": FLAT, "blocks:512": FLAT, "heap:blocks": FLAT, "heap:in_use_bytes": rise(1000, IN_USE)},
        clients=CLIENTS,
    )
    run.header.target.has_thread_caches = False
    first = next(sample for sample in run.samples if sample.phase == "drain" and sample.kind == "rest")
    for sample in run.samples:
        if sample.phase == "baseline":
            sample.metrics["heap:in_use_bytes"] = IN_USE
    first.metrics["heap:in_use_bytes"] = IN_USE + once
    moved = {"t_s": first.t_s + 90, "connections": first.connections + 600, "wave": 90}
    run.samples.append(replace(first, **moved, metrics=first.metrics | {"heap:in_use_bytes": IN_USE + again}))
    run.waves.append(replace(run.waves[-1], index=90, phase="again", t_start_s=first.t_s + 1, opened=600))
    found = finding(judge_run(run), "heap:in_use_bytes")
    assert found.verdict == verdict
    assert (found.rule == Rule.DRAINED_AGAIN) == (verdict == "bounded")


@pytest.mark.parametrize(
    ("gained", "verdict"),
    [
        (120, "leak"),  # one in five stays, as before
        (300, "inconclusive"),  # the second drain was too short
        (40, "inconclusive"),  # a cache that has filled for the most part
    ],
)
def test_what_both_drains_leave_is_a_leak_though_most_of_it_lingers(gained, verdict):
    """Sessions stay for fifty seconds, and one in five for ever: the slope is of all, and the drain disproves it."""
    name = "registry:app:SESSIONS"
    run = feed({name: rise(1, 0), "blocks:64": FLAT, "heap:blocks": FLAT}, clients=CLIENTS)
    first = next(sample for sample in run.samples if sample.phase == "drain" and sample.kind == "rest")
    for sample in run.samples:
        if sample.phase == "baseline":
            sample.metrics[name] = 0
    left = first.metrics[name] = first.connections / 5
    moved = {"t_s": first.t_s + 90, "connections": first.connections + 600, "wave": 90}
    run.samples.append(replace(first, **moved, metrics=first.metrics | {name: left + gained}))
    run.waves.append(replace(run.waves[-1], index=90, phase="again", t_start_s=first.t_s + 1, opened=600))
    found = finding(judge_run(run), name)
    assert found.verdict == verdict
    if verdict == "leak":
        assert (found.rule, found.per_connection) == (Rule.LEFT_AGAIN, 0.2)


@pytest.mark.parametrize(
    ("gained", "verdict"),
    [(None, "inconclusive"), (0, "bounded"), (42, "bounded"), (70, "inconclusive"), (200, "leak")],
)
def test_the_tables_of_what_lingered_are_no_leak(gained, verdict):
    """A registry that forgets after a minute keeps its table: only what a second drain leaves over the first tells.

    Tables that go up and down with the waves differ by some 25 kB from one drain to the next.
    """
    counts = {"registry:app:SESSIONS": rise(1, 0), "blocks:64": FLAT, "blocks:512": FLAT, "heap:blocks": FLAT}
    uss = {"process:uss": rise(900, 50e6)}  # the pages of what was there
    run = feed(counts | uss | {"heap:in_use_bytes": rise(115, IN_USE)}, clients=CLIENTS)
    run.header.target.has_thread_caches = False
    first = next(sample for sample in run.samples if sample.phase == "drain" and sample.kind == "rest")
    first.metrics["registry:app:SESSIONS"] = 0
    if gained is not None:
        moved = {"t_s": first.t_s + 90, "connections": first.connections + 600, "wave": 90}
        in_use = first.metrics["heap:in_use_bytes"] + 600 * gained
        run.samples.append(replace(first, **moved, metrics=first.metrics | {"heap:in_use_bytes": in_use}))
        run.waves.append(replace(run.waves[-1], index=90, phase="again", t_start_s=first.t_s + 1, opened=600))
    found = judge_run(run)
    assert (found.verdict, finding(found, "heap:in_use_bytes").verdict) == (verdict, verdict)
    assert are_drains_to_compare(found.findings) == (verdict == "inconclusive")


def test_what_the_last_look_would_leave_open_is_looked_at_further():
    """The first look is stricter, and did not see that bytes rather grow than not: the run ended, inconclusive."""
    noise = np.random.default_rng(7).normal(0, 30_000, WAVES + 1)
    still = {"blocks:64": FLAT, "blocks:512": FLAT, "heap:blocks": FLAT}
    run = feed(still | {"heap:in_use_bytes": list(rise(15, IN_USE) + noise)}, clients=CLIENTS)
    assert judge_run(run).verdict == "inconclusive"
    assert waves_needed(run) > 0


def test_bytes_that_go_up_and_down_are_told_in_the_resolution():
    """A C heap in which large messages come and go does not hold a run open; the verdict says what may hide in it."""
    noisy = [IN_USE + noise for noise in np.random.default_rng(3).normal(0, 150_000, WAVES + 1)]
    verdict = judge({"heap:in_use_bytes": noisy})
    wandering = finding(verdict, "heap:in_use_bytes")
    assert (wandering.verdict, wandering.is_deciding) == ("inconclusive", False)
    assert verdict.verdict == "bounded"
    assert verdict.resolution.bytes > wandering.ci[1] > wandering.margin


def test_bytes_of_earlier_agents_hold_nothing_back():
    """A stored run that did not count blocks by size is judged as it was: its bytes may stay open."""
    rng = np.random.default_rng(7)
    noisy = [value + noise for value, noise in zip(rise(40, IN_USE), rng.normal(0, 100_000, WAVES + 1), strict=True)]
    verdict = judge_run(feed({"heap:in_use_bytes": noisy}, clients=CLIENTS))
    assert not finding(verdict, "heap:in_use_bytes").is_deciding


def test_a_bounded_run_says_how_finely_it_looked():
    """The resolution is what none of its counts can exceed, and the bytes that are in use."""
    verdict = judge({"heap:in_use_bytes": [IN_USE] * (WAVES + 1), "registry:app.A": [0.0] * (WAVES + 1)})
    assert verdict.verdict == "bounded"
    assert verdict.resolution is not None
    assert 3 / verdict.connections < verdict.resolution.entries < 0.001
    assert 0 < verdict.resolution.bytes < 16


def test_nothing_is_bounded_because_four_of_many_fell():
    """Blocks that rose by 0.55 per connection in small waves are not excused by four that went in the drain."""
    run = feed({"blocks:64": [5_668_000 + 27.5 * at for at in range(11)], "blocks:80": FLAT}, clients=50)
    last = [sample for sample in run.samples if sample.kind == "rest"][-1]
    last.metrics["blocks:64"] -= 4
    assert finding(judge_run(run), "blocks:64").verdict != "bounded"


def test_one_file_mapped_late_holds_no_verdict_back():
    """A file that is mapped once is one mapping, and a step of its size in bytes that no rule can tell from growth."""
    late = [0.0] * 8 + [1.0] * 3
    verdict = judge({"map:file": late, "map:file_bytes": [500_000 * each for each in late]})
    assert finding(verdict, "map:file").verdict == "bounded"
    assert verdict.verdict == "bounded"


def test_a_leak_of_blocks_is_looked_at_for_as_many_waves_again():
    """Caches fill as a leak does at first: where blocks alone would convict, the run goes on first."""
    assert waves_needed(feed({"blocks:80": rise(1), "heap:blocks": FLAT}, clients=CLIENTS)) == WAVES


def test_blocks_that_may_be_filling_are_looked_at_for_as_long():
    """A ring of 200 turned over beside a busy machine: 94, 20, 51, ... blocks a wave, and none from the twelfth on."""
    gains = [0, 94, 20, 51, 30, 10, 47, 30, 11, 9, 2]
    ring = list(np.cumsum(gains) + 15_000.0)
    run = feed({"blocks:32": ring, "blocks:80": FLAT, "heap:blocks": FLAT}, clients=213)
    open_blocks = finding(judge_run(run), "blocks:32")
    assert open_blocks.verdict == "inconclusive"
    assert open_blocks.waves_to_decide < WAVES
    assert waves_needed(run) == WAVES


def test_buffers_have_a_margin_of_their_own():
    """A byte per connection is none, of buffers and of what is mapped."""
    margins = Margins(buffer_bytes=9.0)
    assert [margin_of(feed_series(metric, [0]), margins) for metric in ("buffer:a", "map:file_bytes")] == [9.0, 9.0]


def plan(waves, clients, steady_s=0.0):
    """Return the plan of a run."""
    return Plan(waves=waves, clients=clients, warmup=2, steady_s=steady_s, rate=50, drops={"close": 1.0})


def test_a_plan_that_cannot_decide_is_told_so_with_numbers_that_can():
    """Five waves of fifty clients come to 500 at most: no less than 0.007 per connection; 157 clients are enough."""
    (warning,) = warn_of_power(plan(5, 50), Rules(), 50, 10)
    assert warning.values["of"] == 500
    assert warning.values["least"] == pytest.approx(3.507 / 500, rel=0.01)
    assert (warning.values["wanted_clients"], warning.values["wanted_waves"]) == (157, 16)
    for waves, clients in ((5, 157), (16, 50)):
        assert not list(warn_of_power(plan(waves, clients), Rules(), clients, waves))


@pytest.mark.parametrize(("waves", "clients", "steady_s"), [(10, 200, 10.0), (8, 150, 0.0), (7, 100, 0.0)])
def test_usual_plans_can_decide(waves, clients, steady_s):
    """The defaults, and shorter runs that can prove something, are not warned of."""
    assert not list(warn_of_power(plan(waves, clients, steady_s), Rules(), clients, 2 * waves))


def test_too_few_waves_are_told_at_the_start():
    """Three rest points tell no slope, however many clients there are."""
    (warning,) = warn_of_power(plan(1, 5000), Rules(), 5000, 2)
    assert warning.values["wanted_waves"] == 4


FILLING = [106, 82, 45, 77, 85, 47, 49, 44, 44, 52, 49, 28, 52, 56, 28, 21, 13, 40, 38, 31, 30]  # KB a wave, as read


@pytest.mark.parametrize(("gains", "verdict"), [(FILLING, "inconclusive"), ([49] * len(FILLING), "leak")])
def test_caches_of_threads_fill_ever_more_slowly_and_a_leak_keeps_its_rate(gains, verdict):
    """Sixteen threads that encode texts of every length: a megabyte in 21 waves, which glibc calls in use."""
    still = [1000.0] * (len(gains) + 1)
    in_use = list(IN_USE + 1024.0 * np.cumsum([0, *gains]))
    series = {
        "blocks:64": still,
        "heap:blocks": still,
        "heap:in_use_bytes": in_use,
        "thread:total": [17.0] * len(still),
    }
    assert finding(judge_run(feed(series, clients=200)), "heap:in_use_bytes").verdict == verdict


def test_before_the_clock_leaps_all_but_containers_is_to_be_decided():
    """A table that leaps may empty ends no run early: beside it blocks may be filling, and no leap tells of those."""
    run = make_run("leak")
    assert (waves_needed(run), waves_needed(run, will_leap=True)) == (0, 0)
    gains = [0, 0, 0, 264, 60, 150, 90, 30, 140, 90, 33, 27, 6]
    rests = [sample for sample in run.samples if sample.kind == "rest"]
    for sample, held in zip(rests, [*np.cumsum(gains), *[sum(gains)] * len(rests)], strict=False):
        sample.metrics = sample.metrics | {"blocks:32": 15_000.0 + held}
    assert waves_needed(run) == 0
    assert waves_needed(run, will_leap=True) == run.header.plan.waves

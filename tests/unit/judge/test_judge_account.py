"""Where memory lay at the first and the last rest point, and the sentence on it."""

from __future__ import annotations

import msgspec
import pytest

from soakproof.judge import judge_run
from soakproof.judge.account import PARTS, find_account, find_keeper
from soakproof.judge.verdict import MemoryAccount
from soakproof.wording.account import say_account
from soakproof.wording.advice import advise, say_headline
from tests.synthetic_drafts import MIB
from tests.synthetic_runs import make_run

REST = dict.fromkeys(PARTS, 0.0) | {"python_in_use": 20.0 * MIB, "heap_in_use": 9.0 * MIB, "files": 21.0 * MIB}


def make_account(gains, **changes):
    """Return an account of 50 MiB in which parts gained so many MiB."""
    last = {name: value + MIB * gains.get(name, 0) for name, value in REST.items()}
    usual = {"arenas": 14, "thread_stacks": 13, "trimmed": 0.0, "garbage": 0.0, "garbage_objects": 0}
    return MemoryAccount(first=REST, last=last, **usual | changes)


def test_older_runs_have_no_account():
    """Their rest points say nothing of it."""
    assert find_account(make_run()) is None


def test_the_account_is_of_the_processes_that_are_judged_and_of_all_their_rest_points():
    """From before the first client to the last wave, second pass and drain left out; the most that was freed."""
    run = make_run()
    rests = [sample for sample in run.samples if sample.kind == "rest"]
    for at, sample in enumerate(rests):
        sample.account = {**REST, "heap_free": float(at * MIB), "arenas": float(at), "thread_stacks": 2.0}
    last = max(at for at, sample in enumerate(rests) if sample.phase in {"wave", "steady"})
    rests[2].account["trimmed"] = 7.0 * MIB
    rests[3].account |= {"garbage": 3.0 * MIB, "garbage_objects": 900.0}
    found = find_account(run)
    assert (found.first["heap_free"], found.last["heap_free"]) == (0, last * MIB)
    assert (found.arenas, found.thread_stacks) == (last, 2)
    assert (found.trimmed, found.garbage, found.garbage_objects) == (7 * MIB, 3 * MIB, 900)


def test_the_sentence_says_whose_the_growth_is():
    """The largest part first; what did not move is not told."""
    account = make_account({"python_in_use": 9, "heap_in_use": 3, "heap_free": 187, "stacks": 13}, trimmed=160.0 * MIB)
    assert say_account(account) == (
        "RSS rose by 212.0 MiB to 262.0 MiB since before the first client: 187.0 MiB held free by malloc in 14 arenas, "
        "13.0 MiB in 13 thread stacks, 9.0 MiB in use by Python, 3.0 MiB in use by C; asked to, malloc gave back up to "
        "160.0 MiB"
    )


def test_nothing_moved():
    """Then the sentence says where it is."""
    assert say_account(make_account({})) == "RSS is where it was before the first client, at 50.0 MiB"


@pytest.mark.parametrize(
    ("gains", "garbage", "is_collected_late", "keeper"),
    [
        ({"heap_free": 30, "python_in_use": 5}, 0, False, "allocator"),
        ({"python_free": 10, "heap_free": 10, "stacks": 5}, 0, False, "allocator"),
        ({"python_in_use": 30, "heap_free": 5}, 0, False, None),
        ({"heap_free": 4}, 0, False, None),
        ({"python_free": 30}, 25, True, "collector"),
        ({"python_free": 30}, 25, False, "allocator"),  # as of every server whose clients leave cycles
        ({"python_in_use": 30}, 5, True, None),
    ],
)
def test_who_keeps_most_of_it(gains, garbage, is_collected_late, keeper):
    """The allocator, or the collector that comes late; not of a few MiB, nor where Python or C has most in use."""
    account = make_account(gains, garbage=float(garbage * MIB), garbage_objects=9)
    assert find_keeper(account, is_collected_late=is_collected_late) == keeper


@pytest.mark.parametrize(("collects_every", "keeper"), [(70_000, "allocator"), (250_000_000, "collector")])
def test_the_collector_is_named_where_the_target_has_it_come_late(collects_every, keeper):
    """A server with Python's own thresholds was told to lower what it had never set."""
    run = make_run()
    for sample in run.samples:
        if sample.kind == "rest":
            later = 0.0 if sample.phase == "baseline" else 40.0 * MIB
            told = {"python_free": later, "garbage": later, "collects_every": float(collects_every)}
            sample.account = REST | told
    assert find_account(run).keeper == keeper


def kept_by_malloc(fail_on):
    """Return the verdict on a bounded run whose RSS rose by 40 MiB that malloc holds free."""
    run = make_run()
    run.header.rules = msgspec.structs.replace(run.header.rules, fail_on=fail_on)
    for sample in run.samples:
        if sample.kind == "rest":
            sample.account = REST | {"heap_free": 0.0 if sample.phase == "baseline" else 40.0 * MIB, "arenas": 8.0}
    return run, judge_run(run)


def test_a_bounded_run_says_at_the_top_who_keeps_what_rss_rose_by():
    """Never a leak, and never silent: with what to set, and where the same line tells by how much that helps."""
    run, verdict = kept_by_malloc("inconclusive")
    assert (verdict.verdict, verdict.exit_code, verdict.account.keeper) == ("bounded", 0, "allocator")
    assert say_headline(run, verdict).endswith("most of what RSS rose by, the allocator holds free.")
    assert "MALLOC_ARENA_MAX=2" in advise(run, verdict)[0]
    assert advise(run, verdict)[-1].startswith("Nothing else to mend.")


def test_growth_that_the_allocator_keeps_is_red_where_that_is_asked_for():
    """By --fail-on growth; a run of which it keeps nothing is green with it."""
    _, verdict = kept_by_malloc("growth")
    assert (verdict.verdict, verdict.exit_code) == ("bounded", 1)
    run = make_run()
    run.header.rules = msgspec.structs.replace(run.header.rules, fail_on="growth")
    assert judge_run(run).exit_code == 0

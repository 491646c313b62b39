"""Whether a leak is mended: its culprits in the run that was made again, with what they had grown by before."""

from __future__ import annotations

import json

import msgspec
import pytest
from rich.console import Console

from soakproof.judge import judge_run
from soakproof.judge.verdict import is_cause
from soakproof.mending import verify_mend
from soakproof.report import render_verification, write_verification
from soakproof.samples import End
from soakproof.wording.mends import HEADLINES, say_mend, say_verification_reason, say_verify
from tests.synthetic_runs import feed, make_run

CLIENTS = 600
ROOMS, NAMES = "registry:app:ROOMS", "registry:app:NAMES"


def rise(per_connection):
    return [per_connection * CLIENTS * at for at in range(11)]


def hover():
    return [0.005 * CLIENTS * at + 5 * (at % 2) for at in range(11)]


def soak(**series):
    """Return a run in which the named registries grow so."""
    return feed({f"registry:app:{name}": values for name, values in series.items()}, clients=CLIENTS)


def verified(new):
    base = judge_run(soak(ROOMS=rise(1.0)))
    assert [finding.metric for finding in base.findings if is_cause(finding)] == [ROOMS]
    return verify_mend(base, new)


@pytest.mark.parametrize(
    ("new", "verdict", "exit_code"),
    [
        (soak(ROOMS=rise(0.0)), "mended", 0),
        (soak(OTHER=rise(0.0)), "mended", 0),  # the container is no more
        (soak(ROOMS=rise(1.0)), "unchanged", 1),
        (soak(ROOMS=rise(0.1)), "unchanged", 1),
        (soak(ROOMS=rise(0.0), NAMES=rise(1.0)), "something else leaks now", 1),
        (soak(ROOMS=hover()), "inconclusive", 3),
    ],
)
def test_the_culprit_decides(new, verdict, exit_code):
    """Gone, still there, gone but another has come, or not decided; the exit code is as everywhere."""
    verification = verified(new)
    assert (verification.verdict, verification.exit_code) == (verdict, exit_code)


def test_an_incomplete_run_proves_nothing():
    """Where the mended server died nothing is mended."""
    new = soak(ROOMS=rise(0.0))
    new.end = End(t_s=1.0, outcome="target-died")
    verification = verified(new)
    assert (verification.verdict, verification.exit_code) == ("invalid", 4)
    assert "cannot be judged" in say_verification_reason(verification)


def test_a_culprit_that_is_open_is_no_success_where_only_leaks_fail():
    """A lenient run passes undecided builds; that the leak is gone it does not say."""
    new = soak(ROOMS=hover())
    new.header.rules = msgspec.structs.replace(new.header.rules, fail_on="leak")
    assert verified(new).exit_code == 3


def test_growth_is_told_before_and_after():
    """Slopes, intervals, and by how much it fell."""
    (mend,) = verified(soak(ROOMS=rise(0.1))).culprits
    assert mend.before == pytest.approx(1.0)
    assert mend.after == pytest.approx(0.1)
    assert mend.fell_share == pytest.approx(0.9)
    assert "90% less: leak" in say_mend(mend)


def test_what_only_lingers_now_has_fallen_to_what_it_leaves():
    """The mended server remembers clients for a while: their slope is as steep as before, and the drain takes it."""
    new = soak(ROOMS=rise(1.0))
    for sample in [each for each in new.samples if each.phase == "drain" and each.kind == "rest"]:
        sample.metrics = sample.metrics | {ROOMS: 0.0}
    verification = verified(new)
    (mend,) = verification.culprits
    assert (verification.verdict, mend.verdict) == ("mended", "bounded")
    assert mend.after_ci == (0.0, pytest.approx(mend.after))
    assert 0 < mend.after < 0.005
    assert mend.fell_share > 0.99


def test_what_was_said_is_written_and_printed(tmp_path):
    """The terminal and verification.json say the same."""
    verification = verified(soak(ROOMS=rise(0.0), NAMES=rise(1.0)))
    document = json.loads(write_verification(verification, tmp_path).read_text())
    assert document["verdict"] == "something else leaks now"
    assert document["culprits"][0]["metric"] == ROOMS
    assert document["others"][0]["metric"] == NAMES
    console = Console(record=True, width=150)
    render_verification(verification, console)
    printed = console.export_text()
    assert HEADLINES["something else leaks now"] in printed
    assert document["reason"] in printed
    assert document["culprits"][0]["reason"] in printed


def test_the_command_can_be_pasted():
    """Paths and words are quoted as a shell needs them."""
    assert say_verify("a run", ["python", "-c", "x y"]) == "soakproof verify 'a run' -- python -c 'x y'"


def test_a_leak_of_the_reference_server_is_its_own_culprit():
    """A whole run verified against itself is unchanged, and each cause of it is a culprit."""
    run = make_run("leak")
    base = judge_run(run)
    verification = verify_mend(base, run)
    assert verification.verdict == "unchanged"
    assert len(verification.culprits) == sum(map(is_cause, base.findings))

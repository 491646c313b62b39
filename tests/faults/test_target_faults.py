"""The target breaks: the run is invalid, or judged on what is whole, and one sentence says what happened and when."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.runningsoaks import APPS, BRIEF, TELLING, running_soak, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

MEMORY = Path("/sys/fs/cgroup/memory")
LIMIT_BYTES = 220 << 20
FAULTY = [sys.executable, "-m", "uvicorn", "faulty_chat:app", "--app-dir", APPS, "--port", "{port}"]
OPTIONS = [*BRIEF, *TELLING]
WHEN = r"(in wave \d|in the second pass|in the drain|before the first wave)[^:]*, [\d.]+ s into the run"
INVALID = "invalid; one sentence says what happened and when; reports; nothing left"


def faulty(fault, *more):
    return ["env", f"FAULT={fault}", *FAULTY, *more]


def ending(soak):
    """Return what the run's end says, in one line; the run has one, is invalid, and has all reports."""
    assert soak.end(200) == 4, soak.said
    verdict = soak.verdict()
    assert (verdict["verdict"], verdict["exit_code"]) == ("invalid", 4)
    assert (soak.out / "report.html").exists()
    return " ".join(verdict["reason"].split())


def brief(reason):
    """Return the beginning of a reason, which a log may follow."""
    return reason.partition("; its log ends:")[0].partition("; see target.log")[0]


MOMENTS = {
    "a wave": (lambda soak: soak.waves() >= 2 and soak.clients(), []),
    "a rest point": (lambda soak: any(s["kind"] == "rest" and s.get("wave") for s in soak.records("sample")), []),
    "the second pass": (lambda soak: any(s["phase"] == "trace" for s in soak.records("sample")), ["--trace=always"]),
}


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(name, marks=pytest.mark.fault("target", f"SIGKILL in {name}", INVALID), id=name.replace(" ", "-"))
        for name in MOMENTS
    ],
)
def test_killed(tmp_path, happened, moment):
    """Which signal it was, and in which phase, with the memory until then."""
    is_time, options = MOMENTS[moment]
    with running_soak(tmp_path, *OPTIONS, *options, server=faulty("nothing")) as soak:
        wait_until(lambda: is_time(soak), 200)
        os.kill(soak.target(), signal.SIGKILL)
        reason = ending(soak)
    assert re.search(WHEN, reason), reason
    assert "MiB of RSS" in reason
    assert "killed by SIGKILL" in reason
    happened(brief(reason))


@pytest.mark.fault("target", "out of the memory of its cgroup", "told as that, with the growth until then")
@pytest.mark.skipif(not os.access(MEMORY, os.W_OK), reason="no memory cgroup that can be written")
def test_out_of_memory(tmp_path, happened):
    """The kernel's count, or the agent that is short of room, says so; the growth and the limit stand beside it."""
    group = MEMORY / f"soakproof-fault-{os.getpid()}"
    group.mkdir()
    try:
        (group / "memory.limit_in_bytes").write_text(str(LIMIT_BYTES))
        enter = ["sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh"]
        with running_soak(tmp_path, *OPTIONS, server=[*enter, *faulty("hoard")]) as soak:
            reason = ending(soak)
    finally:
        wait_until(lambda: not (group / "cgroup.procs").read_text())
        group.rmdir()
    assert re.search(WHEN, reason), reason
    assert " of RSS (" in reason
    is_killed = "for want of memory of its cgroup, whose limit is 220 MiB: that growth may be the leak" in reason
    assert is_killed or "are left to the process; raise its memory limit" in reason, reason  # to look at it at all
    happened(brief(reason) + "; the kernel killed it for want of memory of its cgroup" * is_killed)


@pytest.mark.fault("target", "SIGSTOP for 30 s in a wave, then SIGCONT", "judged on what is whole, and told")
def test_stopped_for_a_while(tmp_path, happened):
    """Clients of that wave may be lost: then the wave is named that was short of them."""
    with running_soak(tmp_path, *OPTIONS, server=faulty("nothing")) as soak:
        wait_until(lambda: soak.waves() >= 2)
        os.kill(soak.target(), signal.SIGSTOP)
        time.sleep(30.0)
        os.kill(soak.target(), signal.SIGCONT)
        code = soak.end(250)
    verdict = soak.verdict()
    assert code == verdict["exit_code"]
    assert code != 0 or verdict["connections"] == 100
    assert code in {0, 3} or re.search(r"wave \d", verdict["reason"]), verdict["reason"]
    [told] = [warned for warned in soak.records("warning") if warned["code"] == "stood-still"]
    assert 28 < told["values"]["seconds"] < 45
    assert re.search(r"the target stood still for \d+ s in wave \d, [\d.]+ s into the run", soak.said), soak.said
    happened(
        f"exit code {code}, of {verdict['connections']} connections; told: stood still for 30 s, and in which wave"
    )


@pytest.mark.fault("target", "SIGSTOP, and never continued", "invalid: told that it is stopped, after a minute")
def test_stopped_for_good(tmp_path, happened):
    """The run does not wait for as long as a census may take."""
    with running_soak(tmp_path, *OPTIONS, server=faulty("nothing")) as soak:
        wait_until(lambda: soak.waves() >= 2)
        os.kill(soak.target(), signal.SIGSTOP)
        reason = ending(soak)
    assert "stopped" in reason, reason
    assert re.search(WHEN, reason), reason
    happened(brief(reason))


SEEN = {
    "exit 0": ("exits by itself, with 0", "ended by itself, with exit code 0"),
    "close all": ("closes all its descriptors", ""),
    "garbage": ("its agent answers garbage", "which is no JSON"),
    "half": ("its agent answers half a message", "in the middle of its answer"),
    "too much": ("its agent answers 300 MB", "longer than 256 MiB"),
}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(name, marks=pytest.mark.fault("target", what, INVALID), id=name.replace(" ", "-"))
        for name, (what, _) in SEEN.items()
    ],
)
def test_breaks_by_itself(tmp_path, happened, fault):
    """One sentence says what, and when; control characters of an answer do nothing to a terminal."""
    with running_soak(tmp_path, *OPTIONS, server=faulty(fault)) as soak:
        reason = ending(soak)
    assert SEEN[fault][1] in reason
    assert re.search(WHEN, reason) or re.search(r"wave \d", reason), reason
    assert "\x1b" not in (tmp_path / "said.txt").read_text()
    happened(brief(reason))


BORNE = {
    "block": "the event loop is blocked for 20 s",
    "close agent": "closes the agent's socket",
    "fork": "forks over and over while it is asked",
}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(
            name,
            marks=pytest.mark.fault("target", what, "judged on what is whole, or invalid and why"),
            id=name.replace(" ", "-"),
        )
        for name, what in BORNE.items()
    ],
)
def test_goes_on(tmp_path, happened, fault):
    """A server that comes to itself again is judged, or the wave that it was too late for is named."""
    with running_soak(tmp_path, *OPTIONS, server=faulty(fault)) as soak:
        code = soak.end(250)
    verdict = soak.verdict()
    assert code == verdict["exit_code"]
    assert code in {0, 3, 4}
    assert code != 4 or re.search(WHEN, verdict["reason"]) or re.search(r"wave \d", verdict["reason"])
    happened(f"exit code {code}: {' '.join(verdict['reason'].split())[:200]}")


SUPERVISOR = 'while true; do "$@"; done'


@pytest.mark.fault("target", "killed, and started anew by a supervisor", INVALID)
def test_restarted(tmp_path, happened):
    """The new process is another one: its counts begin anew, and are not mixed with those of the first."""
    server = ["sh", "-c", SUPERVISOR, "sh", *faulty("nothing")]
    with running_soak(tmp_path, *OPTIONS, server=server) as soak:
        wait_until(lambda: soak.waves() >= 2)
        os.kill(soak.target(), signal.SIGKILL)
        reason = ending(soak)
    assert re.search(WHEN, reason) or "processes changed before" in reason, reason
    happened(brief(reason))


@pytest.mark.fault("target", "a worker of two is recycled", INVALID)
def test_a_worker_is_recycled(tmp_path, happened):
    """Workers must stay: what one held went with it."""
    server = [*faulty("nothing"), "--workers", 2]
    with running_soak(tmp_path, *OPTIONS, server=server) as soak:
        wait_until(lambda: soak.waves() >= 2)
        os.kill(soak.target(), signal.SIGTERM)
        reason = ending(soak)
    assert "recycling off" in reason, reason
    happened(brief(reason))

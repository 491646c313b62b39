"""What breaks after the waves: while what grew is waited for, and as the load comes again to compare two drains."""

from __future__ import annotations

import os
import re
import signal
import sys

import pytest

from tests.faults.filesystems import can_mount, end_on_a_full_disk
from tests.runningsoaks import APPS, TELLING, running_soak, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]

LINGERING = [sys.executable, "-m", "uvicorn", "lingering_chat:app", "--app-dir", APPS, "--port", "{port}"]
PLAN = ["--clients=160", "--waves=5", "--warmup=1", "--max-waves=5", "--steady=0", "--drain=12", "--trace=never"]
PHASES = {"in the drain": "drain", "as the load comes again": "again"}


def in_each_phase(room, fault, promise):
    """Return the parameters of a test that breaks something in each of the phases."""
    return pytest.mark.parametrize(
        "phase",
        [
            pytest.param(phase, marks=pytest.mark.fault(room, f"{fault} {words}", promise), id=phase)
            for words, phase in PHASES.items()
        ],
    )


def soaking(directory, out="out"):
    """Soak the server that remembers each client for some seconds, and one in twenty for good."""
    return running_soak(directory, *PLAN, *TELLING, server=LINGERING, out=out)


def wait_for(soak, phase):
    """Wait until a reading was taken in a phase; a soak that ends without fails the test."""

    def is_there():
        return any(sample["phase"] == phase for sample in soak.records("sample"))

    wait_until(lambda: is_there() or soak.process.poll() is not None, 300)
    assert is_there(), soak.said


@in_each_phase("target", "SIGKILL", "invalid; one sentence says what happened and when; reports; nothing left")
def test_the_target_is_killed(tmp_path, happened, phase):
    """What the waves measured is no verdict without its drain."""
    with soaking(tmp_path) as soak:
        wait_for(soak, phase)
        os.kill(soak.target(), signal.SIGKILL)
        assert soak.end(200) == 4, soak.said
        verdict = soak.verdict()
    assert (verdict["verdict"], verdict["exit_code"]) == ("invalid", 4)
    reason = " ".join(verdict["reason"].split())
    assert re.search(r"(in the drain|as the load came again after the drain), [\d.]+ \w+ .*into the run", reason), (
        reason
    )
    assert "killed by SIGKILL" in reason
    assert (soak.out / "report.html").exists()
    happened(reason.partition("; its log ends:")[0].partition("; see target.log")[0])


@in_each_phase("harness", "Ctrl-C", "130; reports of what was measured, and no verdict that bounds; nothing left")
def test_interrupted(tmp_path, happened, phase):
    """The registry that lingers was not waited for: nobody says that it is bounded."""
    with soaking(tmp_path) as soak:
        wait_for(soak, phase)
        soak.process.send_signal(signal.SIGINT)
        assert soak.end(200) == 130, soak.said
        verdict = soak.verdict()
    assert verdict["verdict"] not in {"bounded", "leak"}, verdict["reason"]
    assert (soak.out / "report.html").exists()
    happened(f"130, {verdict['verdict']}: {' '.join(verdict['reason'].split())}")


@pytest.mark.skipif(not can_mount(), reason="only root mounts a file system")
@in_each_phase("files", "the disk is full", "told, never green; what was written is read")
def test_the_disk_is_full(small_disk, happened, phase):
    """One sentence that names the file; once there is room, what was written is judged, and is not bounded."""
    with soaking(small_disk.parent, out="disk/out") as soak:
        wait_for(soak, phase)
        code, judged = end_on_a_full_disk(soak, small_disk)
    assert judged.exit_code == 4 or (phase == "again" and judged.exit_code == 1), judged.printed
    happened(f"exit code {code}; judged afterwards: exit code {judged.exit_code}")

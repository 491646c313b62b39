"""soakproof short of what it needs, beside another, or with a clock that is set back: told, and never green."""

from __future__ import annotations

import os
import re
import resource
import shutil
from pathlib import Path

import pytest

from benchmarks.soaking import soakproof
from tests.runningsoaks import BRIEF, TELLING, running_soak, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
OPTIONS = [*BRIEF, *TELLING]
SET_BACK = """
import os, time
flag, true = os.environ["SET_BACK_WHEN"], (time.time, time.time_ns)
def is_set_back():
    if os.path.exists(flag):
        with open(flag + ".seen", "a"):
            return True
    return False
time.time = lambda: true[0]() - 3600 * is_set_back()
time.time_ns = lambda: true[1]() - 3600 * 10**9 * is_set_back()
"""


def mapped_bytes(pid):
    """Return how much address space a process has."""
    return int(re.search(r"VmSize:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) * 1024


@pytest.mark.fault("harness", "soakproof itself has no memory left in a wave", "told; never green; nothing left")
def test_the_harness_is_out_of_memory(tmp_path, happened):
    """No traceback: one sentence says what is kept, and it can be judged once there is memory."""
    with running_soak(tmp_path, *OPTIONS) as soak:
        wait_until(lambda: soak.waves() >= 2, 200)
        most = mapped_bytes(soak.process.pid)
        resource.prlimit(soak.process.pid, resource.RLIMIT_AS, (most, most))
        code = soak.end(200)
    assert code == 4, soak.said
    assert "soakproof: out of memory" in soak.said, soak.said
    judged = soakproof("judge", "out", directory=tmp_path)
    assert judged.exit_code == (3 if soak.records("end") else 4), judged.printed  # all may have been measured by then
    happened(f"exit code 4: {soak.said.partition('soakproof: ')[2][:200]}")


@pytest.mark.fault("harness", "two soaks at once", "each has its own target, agents and clients")
def test_two_at_once(tmp_path, happened):
    """Neither meets the other's, and both are whole."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    with running_soak(one, *OPTIONS) as first, running_soak(two, *OPTIONS) as second:
        pids = [soak.target() for soak in (first, second)]
        codes = [soak.end(300) for soak in (first, second)]
    assert pids[0] != pids[1]
    assert codes == [3, 3], (first.said, second.said)
    assert [soak.verdict()["connections"] for soak in (first, second)] == [100, 100]
    happened("both made their 100 connections, in processes of their own")


@pytest.mark.fault("harness", "the time of day is set back an hour in a wave", "judged as if it were not")
def test_the_clock_is_set_back(tmp_path, happened):
    """As Python reads it, in soakproof, its load and the target: nothing waits an hour, and no reading goes back."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SET_BACK)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path / "site"))
        patch.setenv("SET_BACK_WHEN", str(tmp_path / "flag"))
        with running_soak(tmp_path, *OPTIONS) as soak:
            wait_until(lambda: soak.waves() >= 2, 300)
            (tmp_path / "flag").touch()
            code = soak.end(300)
    assert (tmp_path / "flag.seen").exists()  # somebody has asked for the time of day since
    assert code == 3, soak.said
    moments = [sample["t_s"] for sample in soak.records("sample")]
    assert moments == sorted(moments)
    assert soak.verdict()["connections"] == 100
    assert soak.verdict()["duration_s"] < 300
    happened(f"all 100 connections, {len(moments)} readings in order, {soak.verdict()['duration_s']:.0f} s in all")


@pytest.mark.fault("harness", "the directory above the run's is removed in a wave", "told; exit code 4; nothing left")
def test_the_place_is_removed(tmp_path, happened):
    """Also where it is the directory that soakproof stands in."""
    place = tmp_path / "place"
    place.mkdir()
    with running_soak(place, *OPTIONS) as soak:
        wait_until(lambda: soak.waves() >= 2, 200)
        said = os.open(place / "said.txt", os.O_RDONLY)
        shutil.rmtree(place)
        code = soak.process.wait(200)
        told = " ".join(os.read(said, 1 << 20).decode().split())
        os.close(said)
        assert not soak.started()
    assert code == 4, told
    assert "Traceback" not in told, told
    assert "was removed while the run was being written" in told
    happened("exit code 4: run.jsonl was removed while the run was being written")

"""The disk is full, the directory is gone, two write at once: told in a sentence, and nothing is mixed or lost."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from benchmarks.soaking import soakproof
from soakproof.config import Config
from soakproof.errors import OutputError
from soakproof.run.directory import claimed, make_output_directory, point_latest
from tests.faults.filesystems import can_mount, end_on_a_full_disk, fill
from tests.runningsoaks import BRIEF, TELLING, running_soak, wait_until

ROOMS_THAT_MEASURE = ("agent", "judge", "load", "measure", "run", "target")
OPTIONS = [*BRIEF, *TELLING]


PHASES = {
    "before it begins": lambda _soak: True,
    "in the warm-up": lambda soak: soak.clients(),
    "in a measured wave": lambda soak: soak.waves() >= 2,
    "while the reports are written": lambda soak: soak.records("end"),
}


@pytest.mark.slow
@pytest.mark.skipif(not can_mount(), reason="only root mounts a file system")
@pytest.mark.parametrize(
    "phase",
    [
        pytest.param(
            name,
            marks=pytest.mark.fault("files", f"the disk is full {name}", "told, never green; what was written is read"),
            id=name.replace(" ", "-"),
        )
        for name in PHASES
    ],
)
def test_a_full_disk(small_disk, happened, phase):
    """One sentence that names the file; the exit code is not 0; once there is room, the run is judged and reported."""
    if phase == "before it begins":
        fill(small_disk)
    said = small_disk.parent / "said.txt"
    with running_soak(small_disk.parent, *OPTIONS, out="disk/out") as soak:
        wait_until(lambda: PHASES[phase](soak), 200)
        code, judged = end_on_a_full_disk(soak, small_disk)
    if soak.records("header"):
        assert (judged.exit_code != 0) == (not soak.records("end")) or judged.exit_code == 3, judged.printed
        assert soakproof("report", "disk/out", "--format=json", directory=small_disk.parent).exit_code == 0
    told = re.search(r"soakproof: (.*?No space left on device)", " ".join(said.read_text().split()))
    happened(f"exit code {code}: {told[1] if told else ''}; judged afterwards: exit code {judged.exit_code}")


@pytest.mark.slow
@pytest.mark.fault("files", "the directory of the run is removed in a wave", "told; exit code 4; nothing left")
def test_the_directory_is_removed(tmp_path, happened):
    """The file is still open, and would be written to its end for nobody."""
    with running_soak(tmp_path, *OPTIONS) as soak:
        wait_until(lambda: soak.waves() >= 2)
        shutil.rmtree(soak.out)
        assert soak.end() == 4, soak.said
    assert "run.jsonl: was removed while the run was being written" in soak.said
    happened("exit code 4: run.jsonl was removed while the run was being written")


@pytest.mark.slow
@pytest.mark.fault("files", "two runs into one directory at once", "the second is refused, the first is whole")
def test_two_runs_into_one_directory(tmp_path, happened):
    """Before anything of the second is started."""
    with running_soak(tmp_path, *OPTIONS) as soak:
        wait_until(lambda: soak.records("header"))
        second = soakproof("run", "--out", "out", "--", "true", "{port}", directory=tmp_path)
        assert soak.end() == 3, soak.said
    assert second.exit_code == 2
    assert "out: another run is being written there; name another directory" in " ".join(second.printed.split())
    assert soak.verdict()["connections"] == 100
    happened("exit code 2 in one sentence; the first made its 100 connections")


def test_a_directory_that_another_process_writes_to(tmp_path):
    """It is refused for as long as the other lives, whether or not it has written anything yet."""
    hold = "import fcntl, os, sys\nfcntl.flock(os.open(sys.argv[1], 0), 2)\nprint(flush=True)\nsys.stdin.read()"
    command = [sys.executable, "-c", hold, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(OutputError, match="another run is being written there"), claimed(tmp_path):
            pass
        other.kill()
    with claimed(tmp_path):
        assert (tmp_path / "target.log").exists()


def test_runs_that_begin_in_the_same_second(tmp_path, monkeypatch):
    """Each has a directory of its own, and ``reports/latest`` is one of them at any moment."""
    monkeypatch.chdir(tmp_path)
    made: list[Path] = []
    threads = [threading.Thread(target=lambda: made.append(make_output_directory(Config()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8
    for out in made:
        point_latest(out)
        assert Path("reports/latest").resolve() == out.resolve()
    assert sorted(path.name for path in Path("reports").iterdir()) == ["latest", "runs"]


NAMING = ("run/assembly.py", "run/directory.py")
LEAPING = ("target/fakeclock.py", "agent/transport/dispatch.py")  # libfaketime counts from the time of day


def test_measuring_reads_no_clock_that_can_be_set():
    """Names and the date of a run, and the clock that is made to leap, are all that the time of day is used for."""
    sources = Path(__file__).resolve().parents[2] / "src" / "soakproof"
    uses = {
        f"{path.relative_to(sources)}: {line.strip()}"
        for room in ROOMS_THAT_MEASURE
        for path in (sources / room).rglob("*.py")
        for line in path.read_text().splitlines()
        if re.search(r"\btime\.time\(|datetime\.(now|utcnow|today)\(", line)
    }
    assert {use.partition(":")[0] for use in uses} == {*NAMING, *LEAPING}

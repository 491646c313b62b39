"""A log of a hundred megabytes a second: bounded in the harness's memory, whatever it does to the disk."""

from __future__ import annotations

import re
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.runningsoaks import APPS, BRIEF, TELLING, running_soak

MEGABYTE = 1 << 20
WRITTEN = 100 * MEGABYTE  # at least, of the 400 that a machine has time for which does nothing else
ROOM = 2048 * MEGABYTE
MOST_RSS = 400 * MEGABYTE
FLOODING = [sys.executable, "-m", "uvicorn", "faulty_chat:app", "--app-dir", APPS, "--port", "{port}"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def peak_rss(soak, seconds):
    """Wait for the end of a soak; return the most memory that soakproof itself has had."""
    peak, ends_s = 0, time.monotonic() + seconds
    while soak.process.poll() is None:
        assert time.monotonic() < ends_s, f"not over within {seconds} s"
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{soak.process.pid}/status").read_text())
        peak = int(found[1]) * 1024 if found else peak
        time.sleep(0.1)
    return peak


@pytest.mark.fault("target", "fills its log at 100 MB/s for 4 s", "judged on what is whole; soakproof stays small")
def test_a_log_that_is_flooded(tmp_path, happened):
    """What it says in its log costs the disk, and nothing else."""
    skip_without_room(tmp_path)
    with running_soak(tmp_path, *BRIEF, *TELLING, server=["env", "FAULT=flood", *FLOODING]) as soak:
        peak = peak_rss(soak, 300)
        code = soak.end(1)
    written = take_away(soak.out / "target.log")
    assert code in {0, 3, 4}, soak.said
    assert written > WRITTEN
    assert peak < MOST_RSS
    assert "zanzibar" not in (soak.out / "run.jsonl").read_text()
    reason = " ".join(soak.verdict()["reason"].split())
    happened(f"exit code {code}; {written >> 20:,} MiB of log, {peak >> 20} MiB of memory: {reason[:150]}")


DIES = """
import os, sys
line = b"no such user, token=zanzibar, again: " + b"x" * ((1 << 20) - 38) + b"\\n"
for _ in range(150):
    os.write(1, line)
os.write(1, b"y" * (1 << 20))
sys.exit(3)
"""


@pytest.mark.fault(
    "target", "fills its log and dies before it listens", "told with the log's end; soakproof stays small"
)
@pytest.mark.timeout(120)
def test_a_flooded_log_that_is_told(tmp_path, happened):
    """Of a log of hundreds of megabytes its end is read; a line without end is told as far as a person reads on."""
    skip_without_room(tmp_path)
    with running_soak(tmp_path, *BRIEF, server=[sys.executable, "-c", DIES, "{port}"]) as soak:
        peak = peak_rss(soak, 100)
        code = soak.end(1)
    written = take_away(soak.out / "target.log")
    assert code == 4, soak.said
    assert written > WRITTEN
    assert peak < MOST_RSS
    assert "ended by itself, with exit code 3; its log ends:" in soak.said
    assert "zanzibar" not in soak.said
    assert len(soak.said) < 30_000
    happened(
        f"exit code 4; {written >> 20:,} MiB of log, {peak >> 20} MiB of memory, {len(soak.said):,} characters said"
    )


def skip_without_room(directory):
    """Skip the test where it would fill the disk."""
    if shutil.disk_usage(directory).free < ROOM:
        pytest.skip(f"needs {ROOM >> 20} MiB of room")


def take_away(log):
    """Return how large a log is, and remove it: directories of tests are kept for a while."""
    written = log.stat().st_size
    log.unlink()
    return written

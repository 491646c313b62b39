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


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        pytest.param(
            "flood",
            {0, 3, 4},
            marks=pytest.mark.fault("target", "fills its log at 100 MB/s for 4 s", "judged; soakproof stays small"),
        ),
        pytest.param(
            "flood and exit",
            {4},
            marks=pytest.mark.fault("target", "does so, and dies", "told with the log's end; soakproof stays small"),
            id="flood-and-exit",
        ),
    ],
)
def test_a_log_that_is_flooded(tmp_path, happened, fault, codes):
    """Of a log of hundreds of megabytes its end is read; a line without end is told as far as a person reads on."""
    if shutil.disk_usage(tmp_path).free < ROOM:
        pytest.skip(f"needs {ROOM >> 20} MiB of room in {tmp_path.anchor}")
    with running_soak(tmp_path, *BRIEF, *TELLING, server=["env", f"FAULT={fault}", *FLOODING]) as soak:
        peak = peak_rss(soak, 300)
        code = soak.end(1)
    log = soak.out / "target.log"
    written = log.stat().st_size
    log.unlink()  # directories of tests are kept for a while
    assert code in codes, soak.said
    assert written > WRITTEN
    assert peak < MOST_RSS
    told = soak.verdict()["reason"]
    assert len(told) < 50_000
    assert "zanzibar" not in told
    assert "zanzibar" not in (soak.out / "run.jsonl").read_text()
    happened(
        f"exit code {code}; {written >> 20:,} MiB of log, {peak >> 20} MiB of memory: {' '.join(told.split())[:150]}"
    )

"""A Locust worker that dies in the middle of a wave: the run is invalid, never a smaller wave that looks whole."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

APPS = Path(__file__).parents[1] / "apps"
SERVER = [sys.executable, "-m", "uvicorn", "held_chat:app", "--app-dir", str(APPS), "--port", "{port}"]
OPTIONS = ["--workers", "2", "--clients", "200", "--open-rate", "10", "--out", "out"]


def wait_for(find, seconds=100):
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.1)
    return found


def workers_of(process):
    family = psutil.Process(process.pid).children(recursive=True)
    return [member for member in family if "--worker" in member.cmdline()]


def has_clients(directory):
    file = directory / "out" / "run.jsonl"
    lines = file.read_bytes().splitlines(keepends=True) if file.exists() else []
    return any(json.loads(line).get("clients", 0) >= 10 for line in lines if line.endswith(b"\n"))


@pytest.mark.fault("generator", "SIGKILL of one of two Locust workers in a wave", "invalid; no wave that looks whole")
def test_a_run_that_loses_a_worker_is_invalid(tmp_path, happened):
    """Exit code 4, the worker and the wave in the reason, and no record of a wave that was short of its clients."""
    command = [sys.executable, "-m", "soakproof", "run", *OPTIONS, "--", *SERVER]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        wait_for(lambda: has_clients(tmp_path))
        victims = workers_of(process)
        assert len(victims) == 2
        victims[0].kill()
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 4, said
    assert "Traceback" not in said
    verdict = json.loads((tmp_path / "out" / "verdict.json").read_text())
    assert verdict["verdict"] == "invalid"
    run = (tmp_path / "out" / "run.jsonl").read_text()
    assert "was lost in wave 1" in run
    assert '"record":"wave"' not in run
    assert not any(worker.is_running() for worker in victims)
    happened(" ".join(verdict["reason"].split()))

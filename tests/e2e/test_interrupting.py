"""Ctrl-C and SIGTERM in the middle of a run with 2,000 clients: all is closed within 2 s, and reported."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

APPS = Path(__file__).parents[1] / "apps"
CLIENTS = 2000
SERVER = [sys.executable, "-m", "uvicorn", "held_chat:app", "--app-dir", str(APPS), "--port", "{port}"]
PATIENCE = ["--ping", 5, "--ping-timeout", 20]  # what is tried here is the end, on however busy a machine
HELD = ["--held", "--clients", CLIENTS, "--events", 2 * CLIENTS, "--join", 'tell={"room": "lobby"}']
WAVE = ["--clients", 2 * CLIENTS, "--open-rate", 250, "--workers", 2]


@contextlib.contextmanager
def soaking(directory, *options):
    command = [sys.executable, "-m", "soakproof", "run", "--out", "out", *PATIENCE, *options, "--", *SERVER]
    log = (directory / "said.txt").open("w")
    with log, subprocess.Popen(list(map(str, command)), cwd=directory, stdout=log, stderr=log) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.05)


def records_of(directory, kind):
    file = directory / "out" / "run.jsonl"
    lines = file.read_bytes().splitlines(keepends=True) if file.exists() else []
    records = [json.loads(line) for line in lines if line.endswith(b"\n")]
    return [record for record in records if record["record"] == kind]


def has_clients(directory):
    samples = records_of(directory, "sample")
    return bool(samples) and samples[-1].get("clients", 0) >= CLIENTS


def has_measured(directory):
    return has_clients(directory) and sum(wave["phase"] == "held" for wave in records_of(directory, "wave")) > 1


def descendants_of(process):
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.parametrize(
    ("number", "options", "is_time"), [(signal.SIGINT, HELD, has_measured), (signal.SIGTERM, WAVE, has_clients)]
)
def test_everything_is_closed_within_two_seconds(tmp_path, number, options, is_time):
    """No process of load or target is left then, the exit code is 130, and what was measured is reported."""
    with soaking(tmp_path, *options) as process:
        wait_until(lambda: is_time(tmp_path), 200)
        family = descendants_of(process)
        sockets = sum(len(member.net_connections(kind="tcp")) for member in family)
        assert sockets >= 2 * CLIENTS
        process.send_signal(number)
        wait_until(lambda: not any(member.is_running() for member in family), 2.0)
        assert process.wait(60) == 130
    said = (tmp_path / "said.txt").read_text()
    assert "Traceback" not in said, said
    verdict = json.loads((tmp_path / "out" / "verdict.json").read_text())
    assert "interrupted" in json.dumps(verdict["warnings"]) + verdict["reason"]
    assert records_of(tmp_path, "end")[-1]["outcome"] == "interrupted"
    assert (tmp_path / "out" / "report.html").exists()

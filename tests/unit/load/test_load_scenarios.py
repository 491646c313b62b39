"""The scenarios in loadtests/ against the reference server: they load, work, and fail at nothing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from soakproof.load.orders import Order
from soakproof.load.processes.locust_load import LocustLoad
from tests.unit.load.load_server import wait_until

ROOT = Path(__file__).parents[3]
EVERY_BAD_WAY = ["half-open", "upgrade-abort", "reject", "mid-binary", "vanish", "reset", "mid-call", "polling"]
DROPS = {"conference": ["storm"], "botnet": EVERY_BAD_WAY}
SCENARIOS = sorted(file.stem for file in (ROOT / "loadtests").glob("*.py"))


@pytest.fixture(scope="module")
def reference_url():
    command = [sys.executable, "-m", "server", "--port", "0", "--clock-speed", "60"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for line in process.stdout:
            if match := re.search(r"http://[\d.]+:\d+", line):
                break
        yield match[0]
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_works(reference_url, tmp_path, scenario):
    """Everybody comes, works and leaves as told; the reference server gives no reason to complain."""
    load = LocustLoad(reference_url, tmp_path / "locust.log", locustfile=str(ROOT / "loadtests" / f"{scenario}.py"))
    load.start()
    try:
        drops = dict.fromkeys(DROPS.get(scenario, ["close"]), 1.0)
        load.begin(Order(index=1, phase="wave", clients=24, drops=drops))
        wait_until(lambda: load.progress().is_done, 60)
        tally = load.tally()
    finally:
        load.stop()
    assert (tally.errors, tally.opened, tally.peak_clients) == ({}, tally.intended, 24)
    assert sum(tally.dropped.values()) == tally.opened
    assert tally.events >= 24

"""Locust's statistics: what it keeps for every second of a run is let go, what is reported stays."""

from __future__ import annotations

import json
import subprocess
import sys

from soakproof.measure.harness import ROUNDED_TIMES

SCRIPT = """
import json

from locust.stats import RequestStats

from soakproof.load.processes.statistics import forget_seconds

stats = RequestStats()
for milliseconds in range(1, 101):
    stats.log_request("WS", "connect", milliseconds, 0)
stats.log_error("WS", "connect", OSError("refused"))
before = len(stats.total.num_reqs_per_sec)
forget_seconds(stats)
entries = stats.total, stats.get("connect", "WS")
kept = [len(entry.num_reqs_per_sec) + len(entry.num_fail_per_sec) for entry in entries]
copies = len(stats.total.response_times_cache)
numbers = [[entry.num_requests, entry.num_failures, entry.get_response_time_percentile(0.5)] for entry in entries]
print(json.dumps([before, kept, copies, numbers]))
"""


def test_totals_and_percentiles_survive():
    """Counts per second and copies of the response times go; numbers and percentiles stay."""
    said = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True).stdout
    before, kept, copies, numbers = json.loads(said)
    assert before
    assert (kept, copies, numbers) == ([0, 0], 0, [[100, 1, 51], [100, 1, 51]])


ROUNDING = """
from locust.stats import RequestStats

stats = RequestStats()
for milliseconds in range(100_000):
    stats.log_request("WS", "connect", milliseconds, 0)
print(len(stats.get("connect", "WS").response_times))
"""


def test_locust_rounds_to_as_many_times_as_the_harness_allows():
    """Every time below 100 s, by the millisecond: no name has more, and it may have as many."""
    said = subprocess.run([sys.executable, "-c", ROUNDING], capture_output=True, text=True, check=True).stdout
    assert int(said) == ROUNDED_TIMES

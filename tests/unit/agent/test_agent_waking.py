"""Whoever sleeps in a target is awake once its clock has leapt: threads, queues and loops, on every Python there is."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from soakproof.agent.process.waking import find_unused
from soakproof.development import PYTHONS, find_python
from soakproof.target.fakeclock import TargetClock
from soakproof.target.preloading import find_libfaketime
from soakproof.target.started import StartedTarget, poll_until
from tests.programs import need

PROGRAM = str(Path(__file__).with_name("sleeping_program.py"))
PATIENCE_S = 20.0
AWAKE = ["event", "later", "loop", "queue", "sleep", "again"]


@pytest.fixture(
    params=[
        pytest.param(each, marks=[] if each == f"3.{sys.version_info.minor}" else pytest.mark.slow) for each in PYTHONS
    ]
)
def python(request):
    """Return each Python that is on this machine."""
    found = find_python(request.param)
    if found is None:
        pytest.skip(f"no Python {request.param} on this machine")
    return found


@pytest.fixture
def asleep(python, tmp_path):
    """Return a target in which everything sleeps, with its clock, and the file it prints into."""
    need("faketime")
    library = find_libfaketime()
    assert library is not None
    clock = TargetClock(library, tmp_path / "clock")
    log = tmp_path / "target.log"
    target = StartedTarget([str(python), PROGRAM, "{port}"], "http://127.0.0.1:{port}", log, PATIENCE_S, clock)
    try:
        target.start()
        yield clock, log
    finally:
        target.stop()


def read_told(log):
    return dict(line.split(maxsplit=1) for line in log.read_text().splitlines())


def test_sleepers_wake_when_the_clock_leaps(asleep):
    """Nobody is awake before; then all are, and what they wait for after it is over in its own time."""
    clock, log = asleep
    assert read_told(log) == {}
    before_s = time.time() + clock.ahead_s()
    clock.leap(650.0)
    assert time.time() + clock.ahead_s() - before_s == pytest.approx(650.0, abs=1.0)
    for _ in poll_until(PATIENCE_S):
        clock.wake()
        if len(read_told(log)) == len(AWAKE):
            break
    told = read_told(log)
    assert sorted(told) == sorted(AWAKE)
    # None slept by a clock that is not its own. On a machine that is up for less than an hour the leap has two steps.
    assert all(600 <= float(after_s) < 680 for after_s in told.values())


def test_a_clock_that_runs_fast_wakes_nobody_early(asleep):
    """At three hundred times the speed ten minutes are two seconds, and nobody wakes before they are over."""
    clock, log = asleep
    clock.run_at(300.0)
    for _ in poll_until(PATIENCE_S):
        if {"sleep", "event", "queue", "loop"} <= read_told(log).keys():
            break
    clock.run_at(1.0)
    told = read_told(log)
    assert {"sleep", "event", "queue", "loop"} <= told.keys()
    assert all(float(after_s) >= 600 for after_s in told.values())


CHURN = """
import sys
import threading
import time
from soakproof.agent.process.waking import Waking

def churn():
    while not over.is_set():
        gate = threading.Event()
        threads = [threading.Thread(target=gate.wait) for _ in range(100)]  # whose stacks the C library gives back
        for each in threads:
            each.start()
        gate.set()

over = threading.Event()
sys.setswitchinterval(1e-6)
threading.Thread(target=churn).start()
waking, ends_s = Waking(), time.monotonic() + 5
while time.monotonic() < ends_s:
    assert waking.wake()
print("alive")
over.set()
"""


def test_threads_that_end_meanwhile_are_no_danger():
    """A server with a thread per client has them come and go by the hundred, and none is taken for one that is gone."""
    done = subprocess.run([sys.executable, "-c", CHURN], capture_output=True, text=True, check=False, timeout=50)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr[-500:]


BEGUN = """
import signal
import threading
from soakproof.agent.process.waking import Waking, find_unused

number = find_unused()
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # as in the agent's thread
Waking().wake()
gate = threading.Event()
thread = threading.Thread(target=gate.wait)
thread.start()
with open(f"/proc/self/task/{thread.native_id}/status") as file:
    blocked = int(file.read().partition("SigBlk:")[2].split()[0], 16)
gate.set()
print([blocked >> (each - 1) & 1 for each in (number, signal.SIGTERM)])
"""


def test_a_thread_that_the_agents_begins_is_awakened():
    """A sweep that is hastened runs in one: all signals are blocked there, but for the one that wakes."""
    done = subprocess.run([sys.executable, "-c", BEGUN], capture_output=True, text=True, check=False, timeout=50)
    assert (done.returncode, done.stdout) == (0, "[0, 1]\n"), done.stderr[-500:]


def test_the_signal_is_one_that_nobody_uses():
    """A real-time signal without a handler; there is one in this process too."""
    assert 34 < find_unused() <= 64


def test_a_leap_longer_than_the_machine_has_run_breaks_no_sleep(asleep):
    """A deadline that passed before the machine's own start is one that libfaketime cannot say to the system."""
    clock, log = asleep
    clock.leap(650.0 + 2 * time.monotonic())
    for _ in poll_until(PATIENCE_S):
        clock.wake()
        if len(read_told(log)) == len(AWAKE):
            break
    assert sorted(read_told(log)) == sorted(AWAKE)

"""Threads that run already are given a trace function while others begin and end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.programs import python_of
from tests.unit.agent.agent_target import running

EXCHANGES = 200
MOST_THREADS = 60  # begun faster than they end, on a busy machine, they would fill its process table
PROGRAM = f"""
import _thread, sys, threading
from _soakproof_agent.trace import otherthreads
going, given = True, 0
free = threading.Semaphore({MOST_THREADS})
def short():
    free.release()
def begin_threads():
    while going:
        for _ in range(20):
            free.acquire()
            _thread.start_new_thread(short, ())
beginning = [threading.Thread(target=begin_threads) for _ in range(3)]
for each in beginning:
    each.start()
def trace(frame, event, argument):
    return None
for _ in range({EXCHANGES}):
    given += otherthreads.set_trace_elsewhere(trace)
    otherthreads.end_trace_elsewhere(trace)
going = False
for each in beginning:
    each.join()
print("ready" if given >= {EXCHANGES} else given, flush=True)
input()
"""


@pytest.mark.parametrize("minor", ["3.9", "3.10", "3.11"])
def test_threads_that_end_meanwhile_are_left_alone(short_path: Path, minor: str) -> None:
    """Neither the state of a thread that has ended is written to, nor is one that goes on forgotten."""
    python = python_of(minor)
    with running([python, "-c", PROGRAM], short_path) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"

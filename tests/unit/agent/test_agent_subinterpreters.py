"""Targets with several interpreters in a process are read, and what would end them is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.programs import python_of
from tests.unit.agent.agent_target import running

MODULES = {"3.12": "_xxsubinterpreters", "3.13": "_interpreters", "3.14": "_interpreters", "3.15": "_interpreters"}
BUSY = """
import sys, threading, {module} as interpreters
LINES = []
def work(each):
    while True:
        interpreters.run_string(each, "kept = [[] for _ in range(100)]")
for each in [interpreters.create() for _ in range(3)]:
    threading.Thread(target=work, args=(each,), daemon=True).start()
print("ready", flush=True)
for line in sys.stdin:
    LINES.append([line])
    print("done", flush=True)
"""


@pytest.mark.parametrize("minor", MODULES)
def test_busy_interpreters_beside_the_one_asked_live_through_a_second_pass(short_path: Path, minor: str) -> None:
    """With a lock each they allocate while `tracemalloc` of 3.12 and 3.13 writes its tables: double free, or worse."""
    python = python_of(minor)
    with running([python, "-c", BUSY.format(module=MODULES[minor])], short_path) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        agent = target.agent()
        agent.census()
        told = agent.ask("trace_start", frames=3)
        assert told["is_traced"] == (minor in ("3.14", "3.15"))
        agent.ask("trace_mark")
        for _ in range(5):
            assert target.tell("x") == "done"
            agent.census()
        grown = agent.ask("trace_growth", top=5)
        assert bool(grown["sites"]) == told["is_traced"]
        answer = agent.explain("registry:__main__.LINES", "__main__:LINES")
        assert answer["retainers"]
        agent.ask("trace_stop")
        assert target.tell("x") == "done"
        assert agent.census()["metrics"]["registry:__main__.LINES"] == 6


def test_alone_in_its_process_an_interpreter_of_any_python_is_traced(short_path: Path) -> None:
    """Nothing is left out where there is nobody to harm."""
    for minor in ("3.12", "3.13"):
        python = python_of(minor)
        alone = "import sys\nprint('ready', flush=True)\nfor line in sys.stdin: print('done', flush=True)\n"
        with running([python, "-c", alone], short_path) as target:
            assert target.process.stdout
            assert target.process.stdout.readline() == "ready\n"
            assert target.agent().ask("trace_start", frames=3)["is_traced"]

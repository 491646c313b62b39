"""Tasks that will never run again are told by reachability, in every Python; whoever may be woken is not among them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from soakproof.agent.process import counts, neveragain
from soakproof.development import PYTHONS
from tests.programs import python_of

APP = Path(__file__).parents[2] / "apps" / "agent_waits.py"
DEAD = {"dead_deep", "dead_future", "dead_queue", "dead_gathered", "dead_listed"}


def look(minor, *arguments):
    """Return what a program with waiting tasks is told by the agent in it."""
    python = python_of(minor)
    done = subprocess.run([python, str(APP), *arguments], capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("minor", PYTHONS)
def test_only_what_nobody_else_can_reach_is_dead(minor):
    """What waits for its own future, event or queue is; what is timed, owned, or held by weak references is not."""
    found = look(minor)
    assert set(found) - {"for_ever"} == DEAD
    assert all(dead == looked_at for name, (dead, looked_at) in found.items() if name in DEAD)


@pytest.mark.parametrize("minor", PYTHONS)
def test_tasks_of_python_are_left_alone(minor):
    """Where somebody has put Python's own tasks in the place of C's, as nest_asyncio does, nothing is proven of any."""
    assert look(minor, "plain") == {}


def test_of_many_tasks_one_here_and_there_is_looked_at(monkeypatch):
    """No census may take long: a sample tells as much, over all of them and not only the newest."""
    monkeypatch.setattr(counts, "task_name", lambda number: "few" if number < 3 else "many")
    looked_at = neveragain.suspects([*range(1000)])
    assert len(looked_at) <= neveragain.MOST_TASKS
    assert min(looked_at) < 20
    assert max(looked_at) > 980
    assert neveragain.suspects([0, 1, 2]) == []


def test_tasks_that_come_in_turns_are_all_looked_at(monkeypatch):
    """A sample that goes by turns could meet one kind alone: each name has its share."""
    monkeypatch.setattr(counts, "task_name", lambda number: "odd" if number % 2 else "even")
    looked_at = neveragain.suspects([*range(1000)])
    assert sum(number % 2 for number in looked_at) == len(looked_at) / 2

"""Of the processes that hold the application, those that take clients are judged."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import pytest

from soakproof.metrickinds import CLIENTS_METRIC
from soakproof.target.roster import Roster

FAMILY = """
import subprocess, sys
children = [subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) for _ in range(2)]
print(*[child.pid for child in children], flush=True)
input()
"""


@dataclass
class Held:
    """What a roster asks of a link."""

    pid: int
    hello: dict = field(default_factory=lambda: {"argv": ["gunicorn", "app:app"]})


@pytest.fixture
def family():
    """A real process and its two children: their pids, the parent's first."""
    process = subprocess.Popen([sys.executable, "-c", FAMILY], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    yield [process.pid, *map(int, process.stdout.readline().split())]
    process.communicate(b"\n")


def hold(pids) -> list[Any]:
    """Return what stands for the links of these processes."""
    return [Held(pid) for pid in pids]


def make_roster(pids):
    """Return a roster of these processes that has read each once, without clients."""
    links = hold(pids)
    roster = Roster(lambda: links)
    for pid in pids:
        roster.note(pid, {CLIENTS_METRIC: 0.0})
    return roster


def judged(roster):
    """Return the pids that are judged."""
    return [link.pid for link in roster.links()]


def test_all_are_judged_until_a_client_comes(family):
    """Before anybody connects nobody can be told apart."""
    assert judged(make_roster(family)) == family


def test_a_supervisor_is_not_judged_once_a_worker_took_a_client(family):
    """The parent of a worker that serves is let go, with a sentence; the idle sibling stays."""
    parent, *workers = family
    roster = make_roster(family)
    roster.note(workers[0], {CLIENTS_METRIC: 5.0})
    assert judged(roster) == workers
    (sentence,) = roster.bystanders()
    assert sentence.startswith(f"pid {parent} (gunicorn app:app) holds the application but takes no client")


def test_a_pool_of_the_server_is_not_judged(family):
    """The children of a process that serves are its pool, unless they take clients too."""
    parent, *workers = family
    roster = make_roster(family)
    roster.note(parent, {CLIENTS_METRIC: 5.0})
    assert judged(roster) == [parent]
    roster.note(workers[1], {CLIENTS_METRIC: 1.0})
    assert judged(roster) == [parent, workers[1]]


def test_what_a_fork_inherits_is_no_client(family):
    """A child forked while clients were connected has their number for ever, and serves none of them."""
    parent, *workers = family
    roster = Roster(lambda: hold(family))
    for clients in (3.0, 7.0):
        roster.note(parent, {CLIENTS_METRIC: clients})
        roster.note(workers[0], {CLIENTS_METRIC: 3.0})
    assert workers[0] not in judged(roster)


def test_a_parent_and_its_workers_do_not_share_the_clients(family):
    """An arbiter takes none, or all: of three processes two may come to serve, of a worker alone one."""
    parent, worker, _ = family
    assert make_roster(family).most_serving() == 2
    assert make_roster([parent, worker]).most_serving() == 1
    assert make_roster([]).most_serving() == 0

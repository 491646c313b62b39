"""The gate: one pass per permit, in whatever order permits and users come."""

from __future__ import annotations

import gevent

from soakproof.load.users.taskgate import TaskGate


def walk_through(gate, passed):
    while True:
        gate.wait()
        passed.append(gate.is_quiet)


def test_a_user_passes_once_per_permit():
    """Tickets given before it comes count as those given while it waits; after the last it is quiet."""
    gate, passed = TaskGate(), []
    gate.grant(2)
    assert not gate.is_quiet
    user = gevent.spawn(walk_through, gate, passed)
    gevent.sleep(0.01)
    assert (len(passed), gate.is_quiet) == (2, True)
    gate.grant(0)
    gate.grant(1)
    gate.grant(2)
    assert not gate.is_quiet
    gevent.sleep(0.01)
    assert (len(passed), gate.is_quiet) == (5, True)
    assert not any(passed)
    user.kill()


def test_a_user_that_leaves_while_it_waits_takes_no_permit():
    """It is quiet no more, and permits given afterwards wake nobody."""
    gate, passed = TaskGate(), []
    user = gevent.spawn(walk_through, gate, passed)
    gevent.sleep(0.01)
    user.kill()
    assert not gate.is_quiet
    gate.grant(1)
    gevent.sleep(0.01)
    assert (user.dead, passed) == (True, [])

"""The turnstile: one pass per ticket, in whatever order tickets and users come."""

from __future__ import annotations

import gevent

from soakproof.load.turnstile import Turnstile


def walk_through(turnstile, passed):
    while True:
        turnstile.wait()
        passed.append(turnstile.is_quiet)


def test_a_user_passes_once_per_ticket():
    """Tickets given before it comes count as those given while it waits; after the last it is quiet."""
    turnstile, passed = Turnstile(), []
    turnstile.admit(2)
    assert not turnstile.is_quiet
    user = gevent.spawn(walk_through, turnstile, passed)
    gevent.sleep(0.01)
    assert (len(passed), turnstile.is_quiet) == (2, True)
    turnstile.admit(0)
    turnstile.admit(1)
    turnstile.admit(2)
    assert not turnstile.is_quiet
    gevent.sleep(0.01)
    assert (len(passed), turnstile.is_quiet) == (5, True)
    assert not any(passed)
    user.kill()


def test_a_user_that_leaves_while_it_waits_takes_no_ticket():
    """It is quiet no more, and tickets given afterwards wake nobody."""
    turnstile, passed = Turnstile(), []
    user = gevent.spawn(walk_through, turnstile, passed)
    gevent.sleep(0.01)
    user.kill()
    assert not turnstile.is_quiet
    turnstile.admit(1)
    gevent.sleep(0.01)
    assert (user.dead, passed) == (True, [])

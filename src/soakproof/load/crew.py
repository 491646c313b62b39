"""The crew: the users of a Locust runner, started when they are due and dismissed when they have worked.

A connection's life is a Locust user's life: the user is started when the connection is due, and killed, Locust's way of
stopping, when it is to be dropped. Users are started as `Runner.spawn_users` does it, and not by Locust's dispatcher,
which starts them in batches a second apart.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import gevent

from soakproof.load.ledger import Ledger
from soakproof.load.plan import Birth
from soakproof.load.user import SocketIOUser

TICK_S = 0.005


class Crew:
    """Starts users, waits for them, and has them leave."""

    def __init__(self, runner: Any, user_classes: Sequence[type[SocketIOUser]]) -> None:
        self._runner = runner
        self._classes = {user_class.__name__: user_class for user_class in user_classes}

    def start(self, births: Iterable[Birth], ledger: Ledger, crowd: float = math.inf) -> Iterator[list[SocketIOUser]]:
        """Start users when they are due; yield, tick by tick, those started.

        While so many of them that they are a ``crowd`` have not worked yet, the schedule is put off.
        """
        began_s = time.perf_counter()
        started: list[SocketIOUser] = []
        busy: list[SocketIOUser] = []
        for birth in births:
            while (now_s := time.perf_counter()) < began_s + birth.due_s or len(busy) >= crowd:
                if len(busy) >= crowd:
                    began_s = max(began_s, now_s - birth.due_s)
                yield started
                started = []
                gevent.sleep(TICK_S)
                busy = [user for user in busy if not is_idle(user)]
            started.append(self._start_one(birth, began_s + birth.due_s, ledger))
            busy.append(started[-1])
        yield started

    def stop(self, seconds: float) -> None:
        """Have every user leave; after so many seconds they are dropped without a word."""
        users = self._runner.user_greenlets
        users.kill(block=False)
        users.join(timeout=seconds)
        users.kill(timeout=seconds)

    def _start_one(self, birth: Birth, intended_s: float, ledger: Ledger) -> SocketIOUser:
        user = self._classes[birth.user_class](self._runner.environment)
        user.be_given(birth.mode, intended_s)
        user.start(self._runner.user_greenlets)
        ledger.lateness.add(time.perf_counter() - intended_s)
        return user


def dismiss(users: list[SocketIOUser]) -> None:
    """Have users leave, all at once; return before they have."""
    for user in users:
        user.greenlet.kill(block=False)


def dismiss_idle(users: list[SocketIOUser]) -> list[SocketIOUser]:
    """Have those leave that have worked; return the others, to be asked again."""
    dismiss([user for user in users if is_idle(user)])
    return [user for user in users if not is_idle(user)]


def wait_until(
    users: list[SocketIOUser], is_so: Callable[[SocketIOUser], bool], seconds: float, ledger: Ledger, complaint: str
) -> None:
    """Wait until it is so for all users; count those for which it is not in time as failures."""
    deadline_s = time.perf_counter() + seconds
    waiting = users
    while waiting := [user for user in waiting if not is_so(user)]:
        if time.perf_counter() > deadline_s:
            for _ in waiting:
                ledger.fail(f"{complaint} within {seconds:g} s")
            return
        gevent.sleep(TICK_S)


def is_gone(user: SocketIOUser) -> bool:
    """Return whether the user's life is over."""
    return bool(user.greenlet.dead)


def is_idle(user: SocketIOUser) -> bool:
    """Return whether the user has worked and may leave, or is gone already."""
    return user.has_worked or is_gone(user)

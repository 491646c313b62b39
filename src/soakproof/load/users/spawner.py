"""Spawning: the users of a Locust runner, started when they are due and stopped when they have worked.

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

from soakproof.load.users.clientuser import ClientUser
from soakproof.load.users.counts import Counts
from soakproof.load.users.plan import Arrival

TICK_S = 0.005


class Spawner:
    """Starts users, waits for them, and has them leave."""

    def __init__(self, runner: Any, user_classes: Sequence[type[ClientUser]]) -> None:
        self._runner = runner
        self._classes = {user_class.__name__: user_class for user_class in user_classes}

    def start(
        self, arrivals: Iterable[Arrival], counts: Counts, most_busy: float = math.inf
    ) -> Iterator[list[ClientUser]]:
        """Start users when they are due; yield, tick by tick, those started.

        While ``most_busy`` of them have not worked yet, the schedule is put off.
        """
        began_s = time.perf_counter()
        started: list[ClientUser] = []
        busy: list[ClientUser] = []
        for arrival in arrivals:
            while (now_s := time.perf_counter()) < began_s + arrival.due_s or len(busy) >= most_busy:
                if len(busy) >= most_busy:
                    began_s = max(began_s, now_s - arrival.due_s)
                yield started
                started = []
                gevent.sleep(TICK_S)
                busy = [user for user in busy if not is_idle(user)]
            started.append(self._start_one(arrival, began_s + arrival.due_s, counts))
            busy.append(started[-1])
        yield started

    def stop(self, seconds: float) -> None:
        """Have every user leave; after so many seconds they are dropped without a word."""
        users = self._runner.user_greenlets
        users.kill(block=False)
        users.join(timeout=seconds)
        users.kill(timeout=seconds)

    def _start_one(self, arrival: Arrival, intended_s: float, counts: Counts) -> ClientUser:
        user = self._classes[arrival.user_class](self._runner.environment)
        user.assign(arrival.mode, intended_s, arrival.number, arrival.wave)
        user.start(self._runner.user_greenlets)
        counts.lateness.add(time.perf_counter() - intended_s)
        return user


def stop_users(users: list[ClientUser]) -> None:
    """Have users leave, all at once; return before they have."""
    for user in users:
        user.greenlet.kill(block=False)


def stop_idle(users: list[ClientUser]) -> list[ClientUser]:
    """Have those leave that have worked; return the others, to be asked again."""
    stop_users([user for user in users if is_idle(user)])
    return [user for user in users if not is_idle(user)]


def wait_until(
    users: list[ClientUser], is_so: Callable[[ClientUser], bool], seconds: float, counts: Counts, complaint: str
) -> None:
    """Wait until it is so for all users; count those for which it is not in time as failures."""
    deadline_s = time.perf_counter() + seconds
    waiting = users
    while waiting := [user for user in waiting if not is_so(user)]:
        if time.perf_counter() > deadline_s:
            for _ in waiting:
                counts.count_failure(f"{complaint} within {seconds:g} s")
            return
        gevent.sleep(TICK_S)


def is_gone(user: ClientUser) -> bool:
    """Return whether the user's life is over."""
    return bool(user.greenlet.dead)


def is_idle(user: ClientUser) -> bool:
    """Return whether the user has worked and may leave, or is gone already."""
    return user.has_worked or is_gone(user)

"""The driver: carries out one order at a time with the users of a Locust runner.

A connection's life is a Locust user's life: the user is started when the connection is due, and killed, Locust's way of
stopping, when it is to be dropped. Users are started as `Runner.spawn_users` does it, and not by Locust's dispatcher,
which starts them in batches a second apart.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gevent

from soakproof.load.clients.rest import close_idle_rests
from soakproof.load.ledger import Ledger, book_of
from soakproof.load.meter import cpu_s, rss_bytes
from soakproof.load.orders import Order, Tally
from soakproof.load.plan import Birth, Kind, count_connections, opening_rate, plan_births
from soakproof.load.user import SocketIOUser

TICK_S = 0.005
CROWD = 100  # clients of a wave that may be at the door at once: more would only wait for each other, and time out
WORK_TIMEOUT_S = 60.0
LEAVE_TIMEOUT_S = 50.0


class Driver:
    """Starts and stops the users of one Locust runner."""

    def __init__(self, runner: Any, user_classes: Sequence[type[SocketIOUser]]) -> None:
        self._runner = runner
        self._book = book_of(runner.environment)
        self._classes = {user_class.__name__: user_class for user_class in user_classes}
        self._kinds = [Kind(user.__name__, user.weight, user.fixed_count) for user in user_classes]
        self.ledger = self._book.ledger

    def carry_out(self, order: Order) -> Tally:
        """Carry out a wave or a steady phase; return when all clients are gone."""
        self.ledger = self._book.turn()
        used_s = cpu_s()
        births = plan_births(order, self._kinds)
        if order.seconds is None:
            self._wave(births)
        else:
            self._steady(births, order.stay_s)
        close_idle_rests()
        return make_tally(order, self.ledger, cpu_s() - used_s)

    def stop(self, seconds: float) -> None:
        """Have every user leave; after so many seconds they are dropped without a word."""
        self._book.is_closing = True
        users = self._runner.user_greenlets
        users.kill(block=False)
        users.join(timeout=seconds)
        users.kill(timeout=seconds)

    def _wave(self, births: Iterator[Birth]) -> None:
        """Open all, as fast as the server lets them in; wait until each has worked, drop all."""
        users = [user for group in self._start(births, CROWD) for user in group]
        self._wait_until(users, is_idle, WORK_TIMEOUT_S, "did not finish a task")
        for user in users:
            user.greenlet.kill(block=False)
        self._wait_until(users, is_gone, LEAVE_TIMEOUT_S, "did not leave")

    def _steady(self, births: Iterator[Birth], stay_s: float) -> None:
        """Have each user leave when its stay is over and it has worked."""
        staying: deque[tuple[float, SocketIOUser]] = deque()
        overdue: list[SocketIOUser] = []
        for group in self._start(births):
            leaves_s = time.perf_counter() + stay_s
            staying.extend((leaves_s, user) for user in group)
            overdue = send_off(staying, overdue)
        while staying:
            gevent.sleep(TICK_S)
            overdue = send_off(staying, overdue)
        self._wait_until(overdue, is_idle, WORK_TIMEOUT_S, "did not finish a task")
        for user in overdue:
            user.greenlet.kill(block=False)
        self._runner.user_greenlets.join(timeout=LEAVE_TIMEOUT_S)

    def _start(self, births: Iterator[Birth], crowd: float = math.inf) -> Iterator[list[SocketIOUser]]:
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
            started.append(self._start_user(birth, began_s + birth.due_s))
            busy.append(started[-1])
        yield started

    def _start_user(self, birth: Birth, intended_s: float) -> SocketIOUser:
        user = self._classes[birth.user_class](self._runner.environment)
        user.be_given(birth.mode, intended_s)
        user.start(self._runner.user_greenlets)
        self.ledger.lateness.add(time.perf_counter() - intended_s)
        return user

    def _wait_until(
        self, users: list[SocketIOUser], is_so: Callable[[SocketIOUser], bool], seconds: float, complaint: str
    ) -> None:
        """Wait until it is so for all users; count those for which it never is as failures."""
        deadline_s = time.perf_counter() + seconds
        waiting = users
        while waiting := [user for user in waiting if not is_so(user)]:
            if time.perf_counter() > deadline_s:
                for _ in waiting:
                    self.ledger.fail(f"{complaint} within {seconds:g} s")
                return
            gevent.sleep(TICK_S)


def send_off(staying: deque[tuple[float, SocketIOUser]], overdue: list[SocketIOUser]) -> list[SocketIOUser]:
    """Have those leave whose time it is; return those that have not worked yet, to be asked again."""
    now_s = time.perf_counter()
    while staying and staying[0][0] <= now_s:
        overdue.append(staying.popleft()[1])
    busy = [user for user in overdue if not is_idle(user)]
    for user in overdue:
        if user not in busy:
            user.greenlet.kill(block=False)
    return busy


def is_gone(user: SocketIOUser) -> bool:
    """Return whether the user's life is over."""
    return bool(user.greenlet.dead)


def is_idle(user: SocketIOUser) -> bool:
    """Return whether the user has worked and may leave, or is gone already."""
    return user.has_worked or is_gone(user)


def make_tally(order: Order, ledger: Ledger, used_s: float) -> Tally:
    """Return the account of an order that was carried out."""
    return Tally(
        intended=count_connections(order),
        opened=ledger.opened,
        dropped=dict(ledger.dropped),
        failures=ledger.failures,
        events=ledger.events,
        peak_clients=ledger.peak,
        rate_intended=opening_rate(order),
        rate_achieved=ledger.rate(),
        cpu_s=round(used_s, 4),
        late_s=round(ledger.lateness.quantile(0.99), 4),
        latency_s=ledger.latency.summary(),
        errors=dict(ledger.errors),
        generator_rss_bytes=rss_bytes(),
    )

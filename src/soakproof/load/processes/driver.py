"""The driver: carries out one order at a time: a wave, a steady phase, or a burst of clients that are held."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import gevent

from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order, Progress
from soakproof.load.processes.limits import check_fds, raise_fd_limit
from soakproof.load.processes.statistics import forget_seconds
from soakproof.load.processes.usage import cpu_s, open_fds, rss_bytes
from soakproof.load.users.clientuser import ClientUser
from soakproof.load.users.counts import Counts, counts_of
from soakproof.load.users.plan import Arrival, Kind, count_connections, most_at_once, opening_rate, plan_arrivals
from soakproof.load.users.shares import split
from soakproof.load.users.spawner import TICK_S, Spawner, is_gone, is_idle, stop_idle, stop_users, wait_until
from soakproof.load.users.taskgate import TaskGate
from soakproof.load.visit.browser import close_idle_connections
from soakproof.samples import Tally

MOST_CONNECTING = 100  # clients of a wave at once: more would only wait for each other, and time out
WORK_TIMEOUT_S = 60.0
LEAVE_TIMEOUT_S = 50.0


class Driver:
    """Carries out orders with the users of one Locust runner.

    ``wait_for_others()`` is called when all clients of a wave are open and have worked, before they are dropped.
    """

    def __init__(
        self, runner: Any, user_classes: Sequence[type[ClientUser]], wait_for_others: Callable[[], None] | None = None
    ) -> None:
        self._wait_for_others = wait_for_others
        self._current = counts_of(runner.environment)
        self._stats = runner.environment.stats
        self._spawner = Spawner(runner, user_classes)
        self._kinds = [Kind(user.__name__, user.weight, user.fixed_count) for user in user_classes]
        self._arrivals: list[Arrival] = []
        self._fd_limit = raise_fd_limit()
        self._held: dict[ClientUser, TaskGate] = {}
        self.counts = self._current.counts
        self._footprint = (0, 0)

    def carry_out(self, order: Order, index: int = 0, count: int = 1) -> Tally:
        """Carry out an order, or every ``count``-th client of it; return when they are gone, or held and quiet.

        Raises:
            LoadError: there are not enough open files for it.
        """
        opens = not self._held and order.events != 0
        self._arrivals = list(islice(plan_arrivals(order, self._kinds), index, None, count)) if opens else []
        check_fds(most_at_once(order, len(self._arrivals)), self._fd_limit)
        self.counts = self._current.begin_order()
        used_s, self._footprint = cpu_s(), (0, 0)
        if order.events == 0:
            self._let_go()
        elif order.events is not None:
            self._burst(len(range(index, order.events, count)))
        elif order.seconds is None:
            self._wave(order)
        else:
            self._steady(order)
        close_idle_connections()
        forget_seconds(self._stats)
        self._measure()
        tally = make_tally(order, count_connections(self._arrivals), self.counts, cpu_s() - used_s)
        tally.generator_rss_bytes, tally.generator_fds = self._footprint
        self._arrivals = []
        return tally

    def progress(self) -> Progress:
        """Return how far the order is."""
        return self.counts.progress()

    def still_open(self) -> int:
        """Return how many clients are open."""
        return self.counts.open

    def aim(self, url: str, options: ClientOptions) -> None:
        """Nothing is kept here of where clients connect."""

    def stop(self, seconds: float) -> None:
        """Have every user leave; after so many seconds they are dropped without a word."""
        self._current.is_closing = True
        self._spawner.stop(seconds)

    def _wave(self, order: Order) -> None:
        """Open all, as fast as the server lets them in; wait until each has worked, drop all."""
        users: list[ClientUser] = []
        silent: list[ClientUser] = []
        for group in self._spawner.start(self._arrivals, self.counts, MOST_CONNECTING):
            users += group
            if order.silent_first:
                silent = stop_idle([*silent, *(user for user in group if user.mode.is_silent)])
        wait_until(users, is_idle, WORK_TIMEOUT_S, self.counts, "did not finish a task")
        self._measure()
        if self._wait_for_others is not None:
            self._wait_for_others()
        stop_users(users)
        wait_until(users, is_gone, LEAVE_TIMEOUT_S, self.counts, "did not leave")

    def _steady(self, order: Order) -> None:
        """Have each user leave when its stay is over and it has worked."""
        users: list[ClientUser] = []
        staying: deque[tuple[float, ClientUser]] = deque()
        overdue: list[ClientUser] = []
        for group in self._spawner.start(self._arrivals, self.counts):
            leaves_s = time.perf_counter() + order.stay_s
            staying.extend((leaves_s, user) for user in group)
            overdue = stop_due(staying, overdue)
            users = [user for user in users if not is_gone(user)] + group
        self._measure()
        while staying:
            gevent.sleep(TICK_S)
            overdue = stop_due(staying, overdue)
        wait_until(overdue, is_idle, WORK_TIMEOUT_S, self.counts, "did not finish a task")
        stop_users(overdue)
        wait_until(users, is_gone, LEAVE_TIMEOUT_S, self.counts, "did not leave")

    def _burst(self, tasks: int) -> None:
        """Have the held clients do so many tasks between them, opening them first where there are none."""
        if not self._held:
            self._open_held()
            tasks -= len(self._held)  # a user's first task is done as soon as it is there
        shares = split(max(tasks, 0), dict.fromkeys(map(str, range(len(self._held))), 1.0))
        for gate, share in zip(self._held.values(), shares.values(), strict=True):
            gate.grant(share)
        wait_until(list(self._held), self._is_quiet, WORK_TIMEOUT_S, self.counts, "did not finish its tasks")

    def _open_held(self) -> None:
        for group in self._spawner.start(self._arrivals, self.counts, MOST_CONNECTING):
            for user in group:
                self._held[user] = gate = TaskGate()
                user.wait_time = gate.wait
        wait_until(list(self._held), is_idle, WORK_TIMEOUT_S, self.counts, "did not finish a task")

    def _let_go(self) -> None:
        users, self._held = list(self._held), {}
        stop_users(users)
        wait_until(users, is_gone, LEAVE_TIMEOUT_S, self.counts, "did not leave")

    def _measure(self) -> None:
        """Note the memory and the open files of this process, where they are more than at any moment of the order."""
        rss, fds = self._footprint
        self._footprint = max(rss, rss_bytes()), max(fds, open_fds())

    def _is_quiet(self, user: ClientUser) -> bool:
        return self._held[user].is_quiet or is_gone(user) or not user.mode.is_admitted


def stop_due(staying: deque[tuple[float, ClientUser]], overdue: list[ClientUser]) -> list[ClientUser]:
    """Have those leave whose time it is; return those that have not worked yet, to be asked again."""
    now_s = time.perf_counter()
    while staying and staying[0][0] <= now_s:
        overdue.append(staying.popleft()[1])
    return stop_idle(overdue)


def make_tally(order: Order, intended: int, counts: Counts, used_s: float) -> Tally:
    """Return the account of an order that was carried out."""
    return Tally(
        intended=intended,
        opened=counts.opened,
        dropped=dict(counts.dropped),
        failures=counts.failures,
        events=counts.events,
        peak_clients=counts.peak,
        rate_intended=opening_rate(order),
        rate_achieved=counts.rate(),
        cpu_s=round(used_s, 4),
        late_s=round(counts.lateness.quantile(0.99), 4),
        latency_s=counts.latency.summary(),
        errors=dict(counts.errors),
    )

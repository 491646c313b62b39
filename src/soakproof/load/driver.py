"""The driver: carries out one order at a time: a wave, a steady phase, or a burst of clients that are held."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import gevent

from soakproof.load.clients.rest import close_idle_rests
from soakproof.load.crew import TICK_S, Crew, dismiss, dismiss_idle, is_gone, is_idle, wait_until
from soakproof.load.ledger import Ledger, book_of
from soakproof.load.limits import check_fds, raise_fd_limit
from soakproof.load.meter import cpu_s, open_fds, rss_bytes
from soakproof.load.orders import Order, Progress, Tally
from soakproof.load.plan import Birth, Kind, count_connections, most_at_once, opening_rate, plan_births
from soakproof.load.shares import split
from soakproof.load.statistics import forget_seconds
from soakproof.load.turnstile import Turnstile
from soakproof.load.user import SocketIOUser

CROWD = 100  # clients of a wave that may be at the door at once: more would only wait for each other, and time out
WORK_TIMEOUT_S = 60.0
LEAVE_TIMEOUT_S = 50.0


class Driver:
    """Carries out orders with the users of one Locust runner.

    ``wait_for_others()`` is called when all clients of a wave are open and have worked, before they are dropped.
    """

    def __init__(
        self, runner: Any, user_classes: Sequence[type[SocketIOUser]], wait_for_others: Callable[[], None] | None = None
    ) -> None:
        self._wait_for_others = wait_for_others
        self._book = book_of(runner.environment)
        self._stats = runner.environment.stats
        self._crew = Crew(runner, user_classes)
        self._kinds = [Kind(user.__name__, user.weight, user.fixed_count) for user in user_classes]
        self._births: list[Birth] = []
        self._fd_limit = raise_fd_limit()
        self._held: dict[SocketIOUser, Turnstile] = {}
        self.ledger = self._book.ledger
        self._footprint = (0, 0)

    def carry_out(self, order: Order, index: int = 0, count: int = 1) -> Tally:
        """Carry out an order, or every ``count``-th client of it; return when they are gone, or held and quiet.

        Raises:
            LoadError: there are not enough open files for it.
        """
        opens = not self._held and order.events != 0
        self._births = list(islice(plan_births(order, self._kinds), index, None, count)) if opens else []
        check_fds(most_at_once(order, len(self._births)), self._fd_limit)
        self.ledger = self._book.turn()
        used_s, self._footprint = cpu_s(), (0, 0)
        if order.events == 0:
            self._let_go()
        elif order.events is not None:
            self._burst(len(range(index, order.events, count)))
        elif order.seconds is None:
            self._wave(order)
        else:
            self._steady(order)
        close_idle_rests()
        forget_seconds(self._stats)
        self._measure()
        tally = make_tally(order, count_connections(self._births), self.ledger, cpu_s() - used_s)
        tally.generator_rss_bytes, tally.generator_fds = self._footprint
        self._births = []
        return tally

    def progress(self) -> Progress:
        """Return how far the order is."""
        return self.ledger.progress()

    def still_open(self) -> int:
        """Return how many clients are open."""
        return self.ledger.open

    def stop(self, seconds: float) -> None:
        """Have every user leave; after so many seconds they are dropped without a word."""
        self._book.is_closing = True
        self._crew.stop(seconds)

    def _wave(self, order: Order) -> None:
        """Open all, as fast as the server lets them in; wait until each has worked, drop all."""
        users: list[SocketIOUser] = []
        silent: list[SocketIOUser] = []
        for group in self._crew.start(self._births, self.ledger, CROWD):
            users += group
            if order.silent_first:
                silent = dismiss_idle([*silent, *(user for user in group if user.mode.is_silent)])
        wait_until(users, is_idle, WORK_TIMEOUT_S, self.ledger, "did not finish a task")
        self._measure()
        if self._wait_for_others is not None:
            self._wait_for_others()
        dismiss(users)
        wait_until(users, is_gone, LEAVE_TIMEOUT_S, self.ledger, "did not leave")

    def _steady(self, order: Order) -> None:
        """Have each user leave when its stay is over and it has worked."""
        users: list[SocketIOUser] = []
        staying: deque[tuple[float, SocketIOUser]] = deque()
        overdue: list[SocketIOUser] = []
        for group in self._crew.start(self._births, self.ledger):
            leaves_s = time.perf_counter() + order.stay_s
            staying.extend((leaves_s, user) for user in group)
            overdue = send_off(staying, overdue)
            users = [user for user in users if not is_gone(user)] + group
        self._measure()
        while staying:
            gevent.sleep(TICK_S)
            overdue = send_off(staying, overdue)
        wait_until(overdue, is_idle, WORK_TIMEOUT_S, self.ledger, "did not finish a task")
        dismiss(overdue)
        wait_until(users, is_gone, LEAVE_TIMEOUT_S, self.ledger, "did not leave")

    def _burst(self, tasks: int) -> None:
        """Have the held clients do so many tasks between them, opening them first where there are none."""
        if not self._held:
            self._open_held()
            tasks -= len(self._held)  # a user's first task is done as soon as it is there
        shares = split(max(tasks, 0), dict.fromkeys(map(str, range(len(self._held))), 1.0))
        for turnstile, share in zip(self._held.values(), shares.values(), strict=True):
            turnstile.admit(share)
        wait_until(list(self._held), self._is_quiet, WORK_TIMEOUT_S, self.ledger, "did not finish its tasks")

    def _open_held(self) -> None:
        for group in self._crew.start(self._births, self.ledger, CROWD):
            for user in group:
                self._held[user] = turnstile = Turnstile()
                user.wait_time = turnstile.wait
        wait_until(list(self._held), is_idle, WORK_TIMEOUT_S, self.ledger, "did not finish a task")

    def _let_go(self) -> None:
        users, self._held = list(self._held), {}
        dismiss(users)
        wait_until(users, is_gone, LEAVE_TIMEOUT_S, self.ledger, "did not leave")

    def _measure(self) -> None:
        """Note the memory and the open files of this process, where they are more than at any moment of the order."""
        rss, fds = self._footprint
        self._footprint = max(rss, rss_bytes()), max(fds, open_fds())

    def _is_quiet(self, user: SocketIOUser) -> bool:
        return self._held[user].is_quiet or is_gone(user) or not user.mode.is_guest


def send_off(staying: deque[tuple[float, SocketIOUser]], overdue: list[SocketIOUser]) -> list[SocketIOUser]:
    """Have those leave whose time it is; return those that have not worked yet, to be asked again."""
    now_s = time.perf_counter()
    while staying and staying[0][0] <= now_s:
        overdue.append(staying.popleft()[1])
    return dismiss_idle(overdue)


def make_tally(order: Order, intended: int, ledger: Ledger, used_s: float) -> Tally:
    """Return the account of an order that was carried out."""
    return Tally(
        intended=intended,
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
    )

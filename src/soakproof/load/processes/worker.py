"""A Locust worker's part of soakproof's orders: importing this offers it to every ``locust --worker`` of this process.

A worker of one's own is a plain one: ``locust -f users.py --worker --master-host HOST``.
"""

from __future__ import annotations

import logging
from typing import Any

import gevent
import msgspec
from gevent.event import Event
from locust import events
from locust.runners import WorkerRunner

from soakproof.errors import LoadError
from soakproof.load.processes.driver import Driver
from soakproof.load.processes.messages import (
    ABORT,
    BEGIN,
    DONE,
    FAILED,
    LEAVE,
    PROGRESS,
    Account,
    Durations,
    Report,
    Share,
    to_data,
)
from soakproof.load.users.clientuser import ClientUser
from soakproof.load.users.payloads import read_joins

log = logging.getLogger(__name__)

REPORT_EVERY_S = 0.1
ABORT_S = 0.7


class Worker:
    """Carries out shares of orders, and lets its clients go when the master has heard that all workers' are open."""

    def __init__(self, environment: Any, runner: Any) -> None:
        self._environment = environment
        self._runner = runner
        self._driver: Driver | None = None
        self._working: gevent.Greenlet | None = None
        self._index = -1
        self._is_ready = False
        self._may_leave = Event()
        for message, listener in {BEGIN: self._begin, LEAVE: self._leave, ABORT: self._abort}.items():
            runner.register_message(message, listener)
        gevent.spawn(self._report)

    def _begin(self, msg: Any, **_: Any) -> None:
        share = msgspec.convert(msg.data, Share)
        if self._driver is None:
            self._driver = self._make_driver(share)
        self._index, self._is_ready = share.order.index, False
        self._may_leave.clear()
        self._working = gevent.spawn(self._work, self._driver, share)

    def _leave(self, **_: Any) -> None:
        self._may_leave.set()

    def _abort(self, **_: Any) -> None:
        if self._working is not None and self._driver is not None:
            self._working.kill(block=False)
            gevent.spawn(self._driver.stop, ABORT_S)

    def _make_driver(self, share: Share) -> Driver:
        """Prepare as Locust does when a test starts."""
        ClientUser.options = read_joins(share.options)
        self._environment.host = share.url
        for user_class in self._environment.user_classes:
            user_class.host = share.url
        self._environment._filter_tasks_by_tags()  # noqa: SLF001  # as Locust's own runners do
        self._environment.events.test_start.fire(environment=self._environment)
        return Driver(self._runner, self._environment.user_classes, self._wait_for_all)

    def _work(self, driver: Driver, share: Share) -> None:
        try:
            tally = driver.carry_out(share.order, share.index, share.count)
        except Exception as error:
            if not isinstance(error, LoadError):  # said at once, rather than waited for
                log.exception("the order failed")
            self._runner.send_message(FAILED, str(error) or type(error).__name__)
            return
        counts = driver.counts
        account = Account(
            tally=tally,
            open=counts.open,
            latency=Durations.of(counts.latency),
            lateness=Durations.of(counts.lateness),
        )
        self._runner.send_message(DONE, to_data(account))

    def _wait_for_all(self) -> None:
        """Say that all clients of this worker are open and have worked; wait until the master lets them go."""
        self._is_ready = True
        self._may_leave.wait()

    def _report(self) -> None:
        """Tell the master how things are, also when there is nothing to do: silence is how it finds a worker lost."""
        while True:
            if self._driver is not None:
                report = Report(index=self._index, progress=self._driver.progress(), is_ready=self._is_ready)
                self._runner.send_message(PROGRESS, to_data(report))
            gevent.sleep(REPORT_EVERY_S)


@events.init.add_listener  # type: ignore[untyped-decorator]  # Locust carries no types
def offer_to_work(environment: Any, runner: Any, **_: Any) -> None:
    """Have a Locust worker understand soakproof's orders; other processes are left as they are."""
    if isinstance(runner, WorkerRunner):
        Worker(environment, runner)

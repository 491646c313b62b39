"""The master: carries out orders with Locust workers, its own or those of other hosts, and loses none unnoticed."""

from __future__ import annotations

import time
from typing import Any

import gevent
import msgspec

from soakproof.errors import LoadError
from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order, Progress
from soakproof.load.processes.messages import (
    ABORT,
    BEGIN,
    DONE,
    FAILED,
    LEAVE,
    PROGRESS,
    Account,
    Report,
    Share,
    merge,
    to_data,
)
from soakproof.load.processes.usage import cpu_s
from soakproof.samples import Tally

TICK_S = 0.01
SILENCE_S = 5.0


class Master:
    """Shares an order out among the workers, has all their clients leave at the same moment, adds up their accounts."""

    def __init__(self, runner: Any, url: str, options: ClientOptions) -> None:
        self._runner = runner
        self._url = url
        self._options = options
        self._index = -1
        self._complaint = ""
        self._workers: list[str] = []
        self._heard_s: dict[str, float] = {}
        self._reports: dict[str, Report] = {}
        self._accounts: dict[str, Account] = {}
        runner.register_message(PROGRESS, self._on_progress)
        runner.register_message(DONE, self._on_done)
        runner.register_message(FAILED, self._on_failed)

    def aim(self, url: str, options: ClientOptions) -> None:
        """Have the workers' clients connect there from now on."""
        self._url, self._options = url, options

    def wait_for_workers(self, count: int, seconds: float) -> None:
        """Wait until so many workers are ready; from then on none may be missing.

        Raises:
            LoadError: they were not in time.
        """
        deadline_s = time.monotonic() + seconds
        while len(self._runner.clients.ready) < count:
            if time.monotonic() > deadline_s:
                got = len(self._runner.clients.ready)
                raise LoadError(f"{got} of {count} Locust workers came within {seconds:g} s; see their logs")
            gevent.sleep(TICK_S)
        self._workers = sorted(client.id for client in self._runner.clients.ready)

    def carry_out(self, order: Order) -> Tally:
        """Carry out an order with all workers.

        Raises:
            LoadError: a worker was lost; what the others have opened is closed, and the order counts for nothing.
        """
        used_s, self._index, self._complaint = cpu_s(), order.index, ""
        self._reports, self._accounts = {}, {}
        self._heard_s = dict.fromkeys(self._workers, time.monotonic())
        for index, worker in enumerate(self._workers):
            share = Share(order=order, index=index, count=len(self._workers), url=self._url, options=self._options)
            self._runner.send_message(BEGIN, to_data(share), worker)
        peak = self._follow(order)
        return merge(list(self._accounts.values()), cpu_s() - used_s, peak)

    def progress(self) -> Progress:
        """Return how far all workers are together."""
        reports = [report.progress for report in self._reports.values()]
        return Progress(
            opened=sum(progress.opened for progress in reports),
            open=sum(progress.open for progress in reports),
            straining=sum(progress.straining for progress in reports),
            events=sum(progress.events for progress in reports),
        )

    def still_open(self) -> int:
        """Return how many clients were open when the last order was done."""
        return sum(account.open for account in self._accounts.values())

    def stop(self, seconds: float) -> None:  # noqa: ARG002  # the workers bound it themselves
        """Have all workers' clients leave."""
        for worker in self._workers:
            self._runner.send_message(ABORT, None, worker)

    def _follow(self, order: Order) -> int:
        """Wait until all workers are done; return how many clients were open at once."""
        peak, may_leave = 0, False
        while len(self._accounts) < len(self._workers):
            self._check_workers(order)
            peak = max(peak, self.progress().open)
            if not may_leave and self._are_all_ready():
                may_leave = True
                for worker in self._workers:
                    self._runner.send_message(LEAVE, None, worker)
            gevent.sleep(TICK_S)
        return peak

    def _are_all_ready(self) -> bool:
        return len(self._reports) == len(self._workers) and all(report.is_ready for report in self._reports.values())

    def _check_workers(self, order: Order) -> None:
        now_s = time.monotonic()
        if self._complaint:
            self.stop(0)
            raise LoadError(self._complaint)
        for worker in self._workers:
            is_silent = worker not in self._accounts and now_s - self._heard_s[worker] > SILENCE_S
            if is_silent or worker not in self._runner.clients:
                self.stop(0)
                raise LoadError(
                    f"Locust worker {worker} was lost in wave {order.index}; the wave is short of its clients, "
                    "and counts for nothing; see locust.log, and soak again"
                )

    def _on_progress(self, msg: Any, **_: Any) -> None:
        self._heard_s[msg.node_id] = time.monotonic()
        report = msgspec.convert(msg.data, Report)
        if (
            report.index == self._index and msg.node_id not in self._accounts
        ):  # else it was under way when things changed
            self._reports[msg.node_id] = report

    def _on_failed(self, msg: Any, **_: Any) -> None:
        self._complaint = f"Locust worker {msg.node_id}: {msg.data}"

    def _on_done(self, msg: Any, **_: Any) -> None:
        self._accounts[msg.node_id] = msgspec.convert(msg.data, Account)

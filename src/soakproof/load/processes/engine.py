"""The engine: a Locust environment and what carries out orders with it, in this process or with workers."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Protocol

import locust
from locust.argument_parser import get_parser
from locust.env import Environment

from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order, Progress
from soakproof.load.processes.control import Launch
from soakproof.load.processes.driver import Driver
from soakproof.load.processes.master import Master
from soakproof.load.processes.webpage import WebPage
from soakproof.load.users import churn
from soakproof.load.users.clientuser import ClientUser
from soakproof.load.users.locustfiles import load_users
from soakproof.load.users.payloads import read_joins
from soakproof.load.visit.rehearsal import rehearse
from soakproof.samples import Tally

WORKERS_TIMEOUT_S = 20.0
REMOTE_TIMEOUT_S = 300.0
WORKERS_STOP_S = 0.3  # all together, after the half second that Locust's master gives them itself


class Carrier(Protocol):
    """What carries out orders: a `Driver` or a `Master`."""

    def carry_out(self, order: Order) -> Tally:
        """Carry out an order; return when its clients are gone, or held and quiet."""

    def progress(self) -> Progress:
        """Return how far the order is."""

    def still_open(self) -> int:
        """Return how many clients are open."""

    def aim(self, url: str, options: ClientOptions) -> None:
        """Have clients connect there from now on."""

    def stop(self, seconds: float) -> None:
        """Have every client leave."""


class Engine:
    """Locust, made ready as ``locust`` itself would: the users' file, its event listeners, its own arguments.

    A `LoadTestShape` in the file is not used: orders say how many users there are.
    """

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._workers: list[subprocess.Popen[bytes]] = []
        ClientUser.options = read_joins(launch.options)
        users = load_users(launch.locustfile)
        options, _ = get_parser().parse_known_args(args=[])
        self.environment: Any = Environment(
            user_classes=users, host=launch.url, events=locust.events, parsed_options=options
        )
        count = max(launch.workers, launch.expect_workers)
        self.carrier: Carrier = self._start_workers(count) if count else self._start_here(users)
        self.page = None if launch.ui_port is None else WebPage(self.environment, launch.ui_port)

    def aim(self, url: str, options: ClientOptions) -> None:
        """Have clients connect there from now on, like this; see that what comes before the socket works.

        Raises:
            UsageError: a pattern does not find what it is to take.
            LoadError: a page is not there, or the login is not accepted.
        """
        rehearse(url, options)
        ClientUser.options = read_joins(options)
        self.environment.host = url
        for user_class in self.environment.user_classes:
            user_class.host = url
        self.carrier.aim(url, options)

    def close(self, seconds: float) -> None:
        """Have every client leave, and end the workers."""
        if self.page is not None:
            self.page.stop()
        self.carrier.stop(seconds)
        self.environment.runner.quit()
        deadline_s = time.monotonic() + WORKERS_STOP_S
        for worker in self._workers:
            try:
                worker.wait(max(0.0, deadline_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.kill()

    def _start_here(self, users: list[type[ClientUser]]) -> Driver:
        runner = self.environment.create_local_runner()
        self.environment.events.init.fire(environment=self.environment, runner=runner, web_ui=None)
        runner.start(0, spawn_rate=1)  # fires test_start, filters tasks by tags, sets the users' host
        runner.spawning_greenlet.join()
        return Driver(runner, users)

    def _start_workers(self, count: int) -> Master:
        """Listen for workers, start those that belong here, and wait for all."""
        launch = self._launch
        host, _, port = (launch.master_bind or "127.0.0.1:0").rpartition(":")
        runner = self.environment.create_master_runner(host or "*", int(port))
        self.environment.events.init.fire(environment=self.environment, runner=runner, web_ui=None)
        master = Master(runner, launch.url, launch.options)
        self._workers = [self._start_worker(runner.server.port) for _ in range(launch.workers)]
        master.wait_for_workers(count, WORKERS_TIMEOUT_S if count == launch.workers else REMOTE_TIMEOUT_S)
        return master

    def _start_worker(self, port: int) -> subprocess.Popen[bytes]:
        file = self._launch.locustfile or str(Path(churn.__file__))
        command = [sys.executable, "-m", "locust", "-f", file, "--worker", "--master-port", str(port)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603  # Locust itself, with the user's file

"""The generator's process: ``python -m soakproof.load.generator FD``, Locust inside, orders over a socket.

It ends when the channel does: whatever becomes of the conductor, no client stays behind.
"""

from __future__ import annotations

import logging
import signal
import sys
from typing import Any

import gevent
from gevent import socket
from locust.env import Environment
from locust.stats import print_stats

from soakproof.errors import LoadError, LocustfileError, SoakproofError
from soakproof.load.control import (
    Begin,
    Done,
    Failed,
    FromGenerator,
    Launch,
    Lines,
    Ready,
    Refusal,
    Status,
    read_to_generator,
    to_line,
)
from soakproof.load.driver import Driver
from soakproof.load.limits import check_fds, raise_fd_limit
from soakproof.load.locustfiles import load_users
from soakproof.load.orders import Order
from soakproof.load.user import SocketIOUser

STATUS_EVERY_S = 0.1
STOP_S = 1.2


class Generator:
    """A Locust environment with its runner, and the channel to the conductor."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._lines = Lines()
        self._driver: Driver | None = None
        self._environment: Any = None
        self._working: gevent.Greenlet | None = None
        self._fd_limit = raise_fd_limit()

    def serve(self) -> None:
        """Carry out orders until the channel ends; then close everything."""
        signal.signal(signal.SIGTERM, lambda *_: self._channel.shutdown(socket.SHUT_RDWR))
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the conductor's to handle
        try:
            while data := self._channel.recv(65536):
                for line in self._lines.feed(data):
                    self._take(read_to_generator(line))
        except OSError:
            pass  # the conductor is gone: the same as an end
        finally:
            self._stop()

    def _take(self, message: Launch | Begin) -> None:
        if isinstance(message, Launch):
            self._launch(message)
        else:
            self._working = gevent.spawn(self._work, message.order)

    def _launch(self, launch: Launch) -> None:
        try:
            SocketIOUser.options = launch.options
            users = load_users(launch.locustfile)
        except SoakproofError as error:
            self._say(Refusal(str(error), is_locustfile=isinstance(error, LocustfileError)))
            return
        self._environment = Environment(user_classes=users, host=launch.url)
        runner = self._environment.create_local_runner()
        self._environment.events.init.fire(environment=self._environment, runner=runner, web_ui=None)
        runner.start(0, spawn_rate=1)  # fires test_start, filters tasks by tags, sets the users' host
        runner.spawning_greenlet.join()
        self._driver = Driver(runner, users)
        self._say(Ready())

    def _work(self, order: Order) -> None:
        assert self._driver is not None
        reporter = gevent.spawn(self._report)
        try:
            check_fds(order.clients, self._fd_limit)
            outcome: Done | Failed = Done(self._driver.carry_out(order), self._driver.ledger.open)
        except LoadError as error:
            outcome = Failed(str(error))
        finally:
            reporter.kill()
        self._say(outcome)  # the last word on the order: no status may come after it

    def _report(self) -> None:
        assert self._driver is not None
        while True:
            self._say(Status(self._driver.ledger.progress()))
            gevent.sleep(STATUS_EVERY_S)

    def _say(self, message: FromGenerator) -> None:
        self._channel.sendall(to_line(message))

    def _stop(self) -> None:
        if self._working is not None:
            self._working.kill()
        if self._driver is not None:
            self._driver.stop(STOP_S)
            self._environment.runner.quit()
            print_stats(self._environment.stats, current=False)


def main() -> None:
    """Serve the channel whose file descriptor is the only argument."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    Generator(socket.socket(fileno=int(sys.argv[1]))).serve()


if __name__ == "__main__":
    main()

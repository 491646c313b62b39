"""The generator's process: ``python -m soakproof.load.processes.generator FD``, Locust inside, orders over a socket.

It ends when the channel does: whatever becomes of the conductor, no client stays behind.
"""

from __future__ import annotations

import gc
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

import gevent
from gevent import socket
from locust.stats import print_error_report, print_stats

from soakproof.errors import LoadError, LocustfileError, SoakproofError, UsageError
from soakproof.load.orders import Order
from soakproof.load.processes.control import (
    Aim,
    Done,
    Failed,
    FromGenerator,
    Launch,
    Lines,
    Ready,
    Refusal,
    Show,
    Status,
    ToGenerator,
    read_to_generator,
    to_line,
)
from soakproof.load.processes.engine import Engine

log = logging.getLogger(__name__)
STATUS_EVERY_S = 0.1
STOP_S = 0.7  # of the two seconds that a whole run has to end in: for closing handshakes, then it hangs up


class Generator:
    """An engine, and the channel to the conductor."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._lines = Lines()
        self._engine: Engine | None = None
        self._working: gevent.Greenlet | None = None

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

    def _take(self, message: ToGenerator) -> None:
        if isinstance(message, Launch):
            self._prepare(lambda: self._launch(message))
        elif isinstance(message, Aim):
            self._prepare(lambda: self._aim(message))
        elif isinstance(message, Show):
            if self._engine is not None and self._engine.page is not None:
                self._engine.page.show(message.rows)
        elif self._engine is not None:
            self._working = gevent.spawn(self._work, self._engine, message.order)

    def _prepare(self, step: Callable[[], None]) -> None:
        """Take a step before the first order, and say how it went."""
        try:
            step()
        except SoakproofError as error:
            is_usage = isinstance(error, UsageError)
            self._say(Refusal(str(error), is_locustfile=isinstance(error, LocustfileError), is_usage=is_usage))
            return
        page = self._engine.page if self._engine else None
        self._say(Ready(page.address if page else None))

    def _launch(self, launch: Launch) -> None:
        self._engine = Engine(launch)
        gc.collect()
        gc.freeze()  # modules never die: the collector need not look at them again with each thousand clients

    def _aim(self, aim: Aim) -> None:
        assert self._engine is not None, "a launch comes first"
        self._engine.aim(aim.url, aim.options)

    def _work(self, engine: Engine, order: Order) -> None:
        reporter = gevent.spawn(self._report, engine)
        try:
            tally = engine.carrier.carry_out(order)
            outcome: Done | Failed = Done(tally, engine.carrier.still_open())
        except LoadError as error:
            outcome = Failed(str(error))
        except Exception as error:  # said at once, rather than waited for
            log.exception("the order failed")
            outcome = Failed(f"{type(error).__name__}: {error}; see locust.log")
        finally:
            reporter.kill()
        self._say(outcome)  # the last word on the order: no status may come after it

    def _report(self, engine: Engine) -> None:
        while True:
            self._say(Status(engine.carrier.progress()))
            gevent.sleep(STATUS_EVERY_S)

    def _say(self, message: FromGenerator) -> None:
        with suppress(OSError):  # the conductor is gone, which the channel's end tells as well
            self._channel.sendall(to_line(message))

    def _stop(self) -> None:
        if self._working is not None:
            self._working.kill()
        if self._engine is not None:
            self._engine.close(STOP_S)
            print_stats(self._engine.environment.stats, current=False)
            print_error_report(self._engine.environment.stats)


def main() -> None:
    """Serve the channel whose file descriptor is the only argument."""
    gevent.config.track_greenlet_tree = False  # who spawned whom: half a kilobyte per client that nobody asks for
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    Generator(socket.socket(fileno=int(sys.argv[1]))).serve()


if __name__ == "__main__":
    main()

"""LocustLoad: the conductor's side of a Locust in its own process."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from soakproof.errors import ConfigError, LoadError, LocustfileError
from soakproof.load.drops import check_modes
from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order, Progress
from soakproof.load.processes.control import (
    Aim,
    Begin,
    Done,
    Failed,
    FromGenerator,
    Launch,
    Lines,
    MemoryRow,
    Ready,
    Refusal,
    Show,
    Status,
    ToGenerator,
    read_from_generator,
    to_line,
)
from soakproof.load.processes.process import end, last_lines, launch
from soakproof.samples import Tally

START_TIMEOUT_S = 30.0
REMOTE_START_TIMEOUT_S = 330.0  # somebody starts workers on other hosts, by hand


class LocustLoad:
    """A `Load` made by Locust users: of a Locust file, or the built-in one.

    Args:
        url: The server's URL.
        log: Where the generator's output goes.
        locustfile: A file of users derived from `SocketIOUser`; None for the built-in one.
        options: How the clients connect.
        workers: Locust workers to start here.
        expect_workers: How many there are to be with those of other hosts, which connect to ``master_bind`` as
            ``locust -f FILE --worker --master-host HOST``.
        master_bind: ``host:port`` for them.
        ui_port: Where Locust's own page is to be served on this machine, 0 for any port that is free; None for nowhere.
        environment: The generator's environment; None for this process'.
    """

    patience_s = 60.0

    def __init__(
        self,
        url: str,
        log: Path,
        *,
        locustfile: str | None = None,
        options: ClientOptions | None = None,
        workers: int = 0,
        expect_workers: int = 0,
        master_bind: str | None = None,
        ui_port: int | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self._launch = Launch(
            url=url,
            locustfile=locustfile,
            options=options or ClientOptions(),
            workers=workers,
            expect_workers=expect_workers,
            master_bind=master_bind,
            ui_port=ui_port,
        )
        self._log = log
        self._environment = environment
        self._lines = Lines()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._progress = Progress()
        self._tally: Tally | None = None
        self._is_ready = False
        self.page: str | None = None

    def start(self) -> None:
        """Launch Locust and wait until it can take orders.

        Raises:
            LocustfileError: the Locust file does not load.
            LoadError: the generator died, or did not get ready in `START_TIMEOUT_S`.
        """
        self._channel, theirs = socket.socketpair()
        command = [sys.executable, "-m", "soakproof.load.processes.generator", str(theirs.fileno())]
        with theirs:
            self._process = launch(command, self._log, pass_fds=(theirs.fileno(),), env=self._environment)
        try:
            self._say(self._launch)
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def aim(self, url: str, options: ClientOptions) -> None:
        """Have clients connect there, like this, and see that what comes before their sockets works.

        Raises:
            ConfigError: a pattern does not find what it is to take.
            LoadError: the generator died; a page is not there, or the login is not accepted.
        """
        self._launch = msgspec.structs.replace(self._launch, url=url, options=options)
        self._is_ready = False
        self._say(Aim(url, options))
        self._wait_until_ready()

    def begin(self, order: Order) -> None:
        """Begin an order; the one before must be done.

        Raises:
            ConfigError: a drop mode that does not exist.
            LoadError: the generator died.
        """
        options = self._launch.options
        check_modes(order.drops, options.client, options.serializer, options.protocol)
        self._progress, self._tally = Progress(), None
        self._say(Begin(order))

    def progress(self) -> Progress:
        """Return how far it is, without waiting.

        Raises:
            LoadError: the generator died, or cannot carry out the order.
        """
        self._listen(0.0)
        return self._progress

    def tally(self) -> Tally:
        """Return the account of an order that is done."""
        assert self._tally is not None, "the order is not done"
        return self._tally

    def show(self, rows: Sequence[MemoryRow]) -> None:
        """Show these rows in Locust's page, if it is served."""
        if self.page is not None:
            self._say(Show([*rows]))

    def stop(self) -> None:
        """Close all clients and end the process, within 2 s; harmless when called twice."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()
        if self._process is not None:
            end(self._process)

    def _wait_until_ready(self) -> None:
        is_remote = self._launch.expect_workers > self._launch.workers
        seconds = REMOTE_START_TIMEOUT_S if is_remote else START_TIMEOUT_S
        deadline_s = time.monotonic() + seconds
        while not self._is_ready:
            if time.monotonic() > deadline_s:
                raise LoadError(f"Locust was not ready within {seconds:g} s; its last lines: {last_lines(self._log)}")
            self._listen(0.1)

    def _say(self, message: ToGenerator) -> None:
        assert self._channel is not None, "start() comes first"
        self._channel.settimeout(START_TIMEOUT_S)
        try:
            self._channel.sendall(to_line(message))
        except OSError as error:
            raise self._death() from error

    def _listen(self, seconds: float) -> None:
        """Take in what the generator has said, waiting so long for it to say something."""
        assert self._channel is not None, "start() comes first"
        self._channel.settimeout(seconds)
        try:
            data = self._channel.recv(65536)
        except (BlockingIOError, TimeoutError):
            return
        except OSError as error:
            raise self._death() from error
        if not data:
            raise self._death()
        for line in self._lines.feed(data):
            self._take(read_from_generator(line))

    def _take(self, message: FromGenerator) -> None:
        match message:
            case Ready(page):
                self._is_ready, self.page = True, page
            case Status(progress):
                if self._tally is None:  # else it was under way when the order was done
                    self._progress = progress
            case Done(tally, still_open):
                self._tally = tally
                self._progress = Progress(opened=tally.opened, open=still_open, events=tally.events, is_done=True)
            case Failed(sentence):
                raise LoadError(sentence)
            case Refusal(sentence, is_locustfile, is_usage):
                kind = LocustfileError if is_locustfile else ConfigError if is_usage else LoadError
                raise kind(sentence)

    def _death(self) -> LoadError:
        assert self._process is not None
        end(self._process)
        return LoadError(
            f"the load generator died (exit {self._process.returncode}); its last lines: {last_lines(self._log)}"
        )

"""CommandLoad: waves made by a command of the user's own: a script, Artillery, k6."""

from __future__ import annotations

import resource
import signal
import subprocess
import time
from pathlib import Path

from soakproof.errors import ConfigError, LoadError
from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order, Progress
from soakproof.load.processes.process import end, fill_in, kill_group, last_lines, launch_shell
from soakproof.samples import Tally
from soakproof.serverurl import parse_url

MODE = "command"
PATIENCE_S = 3600.0  # a command says nothing until it is done: only one that hangs takes so long


class CommandLoad:
    """A `Load` made by a shell command, run once per wave; ``{url} {port} {clients} {wave}`` are filled in.

    A wave's clients are those that the command was asked for: all open while it runs, all gone when it exits. It paces
    itself, so it has no steady phase.

    Args:
        command: A line of the shell's language.
        url: The server's URL.
        port: The port in it.
        log: Where the command's output goes.
    """

    patience_s = PATIENCE_S

    def __init__(self, command: str, url: str, port: int, log: Path) -> None:
        self._command = command
        self._fields = {"url": url, "port": port}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._order: Order | None = None
        self._began_s = 0.0
        self._took_s = 0.0
        self._used_s = 0.0

    def start(self) -> None:
        """Do nothing: the command runs when there is an order."""

    def aim(self, url: str, options: ClientOptions) -> None:  # noqa: ARG002  # the command connects as it does
        """Fill in that URL and its port from now on."""
        self._fields = {"url": url, "port": parse_url(url).port}

    def begin(self, order: Order) -> None:
        """Begin a wave; the one before must be done.

        Raises:
            ConfigError: a steady phase, or a burst.
        """
        if order.seconds is not None:
            raise ConfigError("--load has no steady phase, since a command paces itself; give --steady 0 with it")
        self._order, self._began_s, self._used_s = order, time.monotonic(), _children_cpu_s()
        command = fill_in(self._command, **self._fields, clients=order.clients, wave=order.index)
        self._process = launch_shell(command, self._log, stdin=subprocess.DEVNULL)

    def progress(self) -> Progress:
        """Return how far it is, without waiting; what is open is what the command was asked for.

        Raises:
            LoadError: the command failed.
        """
        assert self._process is not None, "begin() comes first"
        assert self._order is not None
        code = self._process.poll()
        if code is None:
            self._took_s = time.monotonic() - self._began_s
            return Progress(opened=self._order.clients, open=self._order.clients)
        kill_group(self._process)  # what it left in the background would hold clients open
        if code != 0:
            raise LoadError(f"--load: the command ended with exit code {code}; its last lines: {last_lines(self._log)}")
        return Progress(opened=self._order.clients, is_done=True)

    def tally(self) -> Tally:
        """Return the account of a wave that is done."""
        assert self._order is not None, "begin() comes first"
        clients = self._order.clients
        rate = round(clients / max(self._took_s, 1e-3), 2)
        return Tally(
            intended=clients,
            opened=clients,
            dropped={MODE: clients},
            peak_clients=clients,
            rate_intended=rate,
            rate_achieved=rate,
            cpu_s=round(_children_cpu_s() - self._used_s, 4),
        )

    def stop(self) -> None:
        """End the command and all its children, within 2 s; harmless when called twice."""
        process, self._process = self._process, None
        if process is not None:
            kill_group(process, signal.SIGTERM)
            end(process)


def _children_cpu_s() -> float:
    """Return the CPU seconds of all children that have ended: the difference over a wave is the command's."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime

"""HeldCommandLoad: bursts made by a command of the user's own, which runs once and keeps its clients connected."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from pathlib import Path

import psutil

from soakproof.errors import ConfigError, LoadError
from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order, Progress
from soakproof.load.processes.command_load import MODE, PATIENCE_S
from soakproof.load.processes.process import end, fill_in, kill_group, last_lines, launch_shell
from soakproof.samples import Tally
from soakproof.serverurl import parse_url

_DONE = re.compile(rb"\s*done\s+(\d+)\s*")


class HeldCommandLoad:
    """A `Load` made by a shell command that runs once, with ``{url} {port} {clients} {wave}`` filled in.

    ``wave N`` on its standard input asks for a burst of N events; it answers ``done N`` on its standard output, where N
    is how many it sent; other lines go to the log. The end of its input tells it to disconnect its clients and exit.

    Args:
        command: A line of the shell's language.
        url: The server's URL.
        port: The port in it.
        log: Where its other lines go, and its standard error.
    """

    patience_s = PATIENCE_S

    def __init__(self, command: str, url: str, port: int, log: Path) -> None:
        self._command = command
        self._fields = {"url": url, "port": port}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._order: Order | None = None
        self._said = b""
        self._sent = 0
        self._is_first = True
        self._is_done = True
        self._used_s = 0.0

    def start(self) -> None:
        """Do nothing: the command is started by the first burst, which says how many clients it holds."""

    def aim(self, url: str, options: ClientOptions) -> None:  # noqa: ARG002  # the command connects as it does
        """Fill in that URL and its port from now on."""
        self._fields = {"url": url, "port": parse_url(url).port}

    def begin(self, order: Order) -> None:
        """Ask for a burst; the one before must be done. A burst of no events ends the command.

        Raises:
            ConfigError: the order is no burst.
            LoadError: the command has ended.
        """
        if order.events is None:
            raise ConfigError("--load with --held makes bursts only; give --steady 0 with it")
        self._is_first = self._process is None
        if self._process is None:
            command = fill_in(self._command, **self._fields, clients=order.clients, wave=order.index)
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            self._process = launch_shell(command, self._log, **pipes)
            assert self._process.stdout is not None
            os.set_blocking(self._process.stdout.fileno(), False)
        self._order, self._sent, self._is_done = order, 0, False
        self._used_s = self._cpu_s()
        self._ask(order.events)

    def progress(self) -> Progress:
        """Return how far it is, without waiting; what is open is what the command was asked for.

        Raises:
            LoadError: the command ended, and was not asked to.
        """
        assert self._order is not None, "begin() comes first"
        if not self._is_done:
            self._is_done = self._has_ended() if self._order.events == 0 else self._has_answered()
        is_open = self._order.events != 0 or not self._is_done
        clients = self._order.clients
        return Progress(
            opened=clients * self._is_first, open=clients * is_open, events=self._sent, is_done=self._is_done
        )

    def tally(self) -> Tally:
        """Return the account of a burst that is done."""
        assert self._order is not None, "begin() comes first"
        opened = self._order.clients * self._is_first
        return Tally(
            intended=opened,
            opened=opened,
            dropped={MODE: self._order.clients} if self._order.events == 0 else {},
            events=self._sent,
            peak_clients=self._order.clients,
            rate_intended=0.0,
            rate_achieved=0.0,
            cpu_s=round(max(0.0, self._cpu_s() - self._used_s), 4),
        )

    def stop(self) -> None:
        """End the command and all its children, within 2 s; harmless when called twice."""
        process, self._process = self._process, None
        if process is not None:
            kill_group(process, signal.SIGTERM)
            end(process)
            for pipe in filter(None, (process.stdin, process.stdout)):
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def _ask(self, events: int) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            if events:
                self._process.stdin.write(b"wave %d\n" % events)
                self._process.stdin.flush()
            else:
                self._process.stdin.close()
        except BrokenPipeError as error:
            raise self._death() from error

    def _has_answered(self) -> bool:
        """Take what the command has said: its answer counts, other lines go to the log."""
        assert self._process is not None
        assert self._process.stdout is not None
        said = self._process.stdout.read()
        if said == b"":  # the end; None is nothing yet
            raise self._death()
        *lines, self._said = (self._said + (said or b"")).split(b"\n")
        for line in lines:
            answer = _DONE.fullmatch(line)
            if answer:
                self._sent = int(answer[1])
                return True
            with self._log.open("ab") as log:
                log.write(line + b"\n")
        return False

    def _has_ended(self) -> bool:
        assert self._process is not None
        if self._process.poll() is None:
            return False
        if self._process.returncode:
            raise self._death()
        return True

    def _death(self) -> LoadError:
        assert self._process is not None
        end(self._process)
        code = self._process.returncode
        return LoadError(f"--load: the command ended with exit code {code}; its last lines: {last_lines(self._log)}")

    def _cpu_s(self) -> float:
        """Return the CPU seconds of the command and its children so far; 0 once it has ended."""
        assert self._process is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            shell = psutil.Process(self._process.pid)
            return sum(sum(process.cpu_times()[:2]) for process in (shell, *shell.children(recursive=True)))
        return 0.0

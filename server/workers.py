"""Several worker processes behind one listening socket."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from server.identity import SECRET_ENV
from server.options import Options
from server.serving import STOP_WITHIN_S, listen

_LOOK_EVERY_S = 0.1
_YOUNG_S = 2.0
_YOUNG_DEATHS = 5
# A worker that was still starting dies of the signal itself, having done nothing yet.
_CLEAN = {0, -signal.SIGTERM}


class Workers:
    """Starts the workers, replaces those that die, and ends them all when told to."""

    def __init__(self, options: Options, argv: Sequence[str]) -> None:
        self._listener = listen(options)
        epoch = options.clock_epoch or time.time()
        handed_over = ["--fd", str(self._listener.fileno()), "--clock-epoch", repr(epoch)]
        self._command = [sys.executable, "-m", "server", *argv, *handed_over]
        # A token that one worker has signed must be good on the others.
        self._environment = {SECRET_ENV: os.urandom(32).hex(), **os.environ}
        self._count = options.workers
        self._running: dict[subprocess.Popen[bytes], float] = {}
        self._young_deaths = 0
        self._is_stopping = False

    def run(self) -> int:
        """Keep the workers running until a signal; return the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self._is_stopping and self._young_deaths < _YOUNG_DEATHS:
            self._reap()
            while len(self._running) < self._count:
                self._start()
            time.sleep(_LOOK_EVERY_S)
        return self._end()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _start(self) -> None:
        worker = subprocess.Popen(  # noqa: S603 -- our own command line
            self._command, pass_fds=[self._listener.fileno()], env=self._environment
        )
        self._running[worker] = time.monotonic()

    def _reap(self) -> None:
        for worker, started_s in list(self._running.items()):
            if worker.poll() is not None:
                del self._running[worker]
                is_young = time.monotonic() - started_s < _YOUNG_S
                self._young_deaths = self._young_deaths + 1 if is_young else 0
                sys.stderr.write(f"worker {worker.pid} ended with {worker.returncode}; starting another\n")

    def _end(self) -> int:
        for worker in self._running:
            worker.terminate()
        deadline_s = time.monotonic() + STOP_WITHIN_S + 1
        codes = [_wait(worker, deadline_s) for worker in self._running]
        if not self._is_stopping:
            sys.stderr.write(f"{_YOUNG_DEATHS} workers ended as soon as they were started; giving up\n")
        return 0 if self._is_stopping and _CLEAN.issuperset(codes) else 1


def _wait(worker: subprocess.Popen[bytes], deadline_s: float) -> int:
    try:
        return worker.wait(max(0.0, deadline_s - time.monotonic()))
    except subprocess.TimeoutExpired:
        worker.kill()
        return worker.wait()

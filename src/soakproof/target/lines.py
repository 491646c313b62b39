"""Lines from a socket: each within a time and a length, and none from a process that has been stopped for good."""

from __future__ import annotations

import socket
import time

import psutil

LONGEST_LINE_BYTES = 256 << 20  # the census of a million containers takes a fifth of it
CHUNK_BYTES = 1 << 20
LOOK_EVERY_S = 1.0
STOPPED_S = 60.0  # longer than a debugger, a snapshot or a frozen container holds a server whose clients are to stay


class LineReader:
    """Reads lines from a socket.

    Raises:
        TimeoutError: a line is not complete in time, or its process has been stopped for `STOPPED_S`.
        OSError: it is longer than `LONGEST_LINE_BYTES`; or as the socket says.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._rest = b""
        self.stopped_s = 0.0  # for so long it was waited for while its process was stopped

    def read(self, seconds: float, pid: int) -> bytes:
        """Return the next line with its newline, or what there is of it when the other end, process ``pid``, closes."""
        parts, length = [self._rest], len(self._rest)
        began_s = time.monotonic()
        while b"\n" not in parts[-1]:
            received = self._receive(began_s, seconds, pid)
            if not received:
                break
            parts.append(received)
            length += len(received)
            if length > LONGEST_LINE_BYTES:
                raise OSError(f"it is longer than {LONGEST_LINE_BYTES >> 20} MiB, which no answer is")
        line, newline, self._rest = b"".join(parts).partition(b"\n")
        return line + newline

    def _receive(self, began_s: float, seconds: float, pid: int) -> bytes:
        """Return what comes next, looking after the process as long as nothing does."""
        while (waited_s := time.monotonic() - began_s) < seconds:
            self._socket.settimeout(min(LOOK_EVERY_S, seconds - waited_s))
            try:
                return self._socket.recv(CHUNK_BYTES)
            except TimeoutError:
                if is_stopped(pid):
                    self.stopped_s += LOOK_EVERY_S
                    if waited_s > STOPPED_S:
                        raise TimeoutError(f"process {pid} has been stopped for {waited_s:.0f} s") from None
        raise TimeoutError(f"nothing within {seconds:g} s{' of a process that is stopped' * is_stopped(pid)}")


def is_stopped(pid: int) -> bool:
    """Whether a process is stopped (SIGSTOP, a debugger), as far as it can be seen from here."""
    try:
        return bool(psutil.Process(pid).status() in {psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP})
    except (psutil.Error, ValueError):
        return False

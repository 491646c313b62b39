"""The watchdog's process: ``watchdog.py MARK PREFIX SESSION``, with a pipe from the harness on its standard input.

When the pipe ends without a word, the harness was killed. Then everything that it has started is asked to end, and made
to: whatever carries the mark in its environment, holds the socket of an agent in a directory of that prefix, shares a
session with one of those (other than SESSION, which is the harness's and its user's), or descends from one. It is run
as a file, without site-packages: it costs 20 ms and 8 MB.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

MARK = "SOAKPROOF_RUN"
AGENTS = "soakproof-"  # how the harness's directories of agents' sockets begin; its pid follows
DONE = b"done"
POLL_S = 0.05
PATIENCE_S = 2.0  # for a server to end by itself; `--attach`ed ones are none of ours, and are not found
QUIET_S = 0.5  # what was being started when the harness was killed takes its environment with its program
LONGEST_S = 10.0


class Found(NamedTuple):
    """A process as the system shows it."""

    pid: int
    parent: int
    session: int
    is_ended: bool


def main() -> None:
    """Wait for the harness to end, and end what it leaves behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    mark, prefix, session = sys.argv[1:]
    if sys.stdin.buffer.read() != DONE:
        end_orphans(mark.encode(), prefix, {int(session), os.getsid(0), 0})
        for directory in list_directories(prefix):
            shutil.rmtree(directory, ignore_errors=True)


def end_orphans(mark: bytes, prefix: str, others: set[int]) -> None:
    """Ask what was started to end, then make it, until nothing of it has been there for a moment."""
    began_s = seen_s = time.monotonic()
    asked: set[int] = set()
    while time.monotonic() - seen_s < QUIET_S and time.monotonic() - began_s < LONGEST_S:
        orphans = find_orphans(mark, prefix, others)
        is_patient = time.monotonic() - began_s < PATIENCE_S
        for pid in orphans - asked if is_patient else orphans:
            send(pid, signal.SIGTERM if is_patient else signal.SIGKILL)
            send(pid, signal.SIGCONT)  # one that was stopped hears nothing else
        asked |= orphans
        seen_s = time.monotonic() if orphans else seen_s
        time.sleep(POLL_S)


def find_orphans(mark: bytes, prefix: str, others: set[int]) -> set[int]:
    """Return the processes that the harness has started, and theirs; not those that share its session (``others``)."""
    processes = list(list_processes())
    sockets = [socket for directory in list_directories(prefix) for socket in directory.glob("*.sock")]
    named = {pid for pid in map(agent_of, sockets) if pid is not None}
    ours = {each.pid for each in processes if each.pid in named or has_mark(each.pid, mark)}
    spared = {os.getpid(), 0, 1}
    while True:
        sessions = {each.session for each in processes if each.pid in ours} - others
        kin = {each.pid for each in processes if each.session in sessions or each.parent in ours} - spared
        if kin <= ours:
            return {each.pid for each in processes if each.pid in ours and not each.is_ended} - spared
        ours |= kin


def list_directories(prefix: str) -> list[Path]:
    """Return the directories whose paths begin like this; only our own, since others may write beside them."""
    beginning = Path(prefix)
    return [path for path in beginning.parent.glob(f"{beginning.name}*") if is_own_directory(path)]


def is_own_directory(path: Path) -> bool:
    """Tell whether it is a directory of this user, and no link to one."""
    with suppress(OSError):
        found = path.lstat()
        return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    return False


def list_processes() -> Iterator[Found]:
    """Yield all processes (proc(5), /proc/pid/stat)."""
    for directory in Path("/proc").iterdir():
        if directory.name.isdecimal():
            with suppress(OSError):
                behind_name = (directory / "stat").read_text("latin-1").rpartition(")")[2]
                state, parent, _, session = behind_name.split()[:4]
                yield Found(int(directory.name), int(parent), int(session), state in "ZX")


def has_mark(pid: int, mark: bytes) -> bool:
    """Tell whether a process was started with the mark in its environment; those of other users cannot be asked."""
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return MARK.encode() + b"=" + mark in variables


def agent_of(path: Path) -> int | None:
    """Return the process that holds an agent's socket, None when nobody does (unix(7), SO_PEERCRED)."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(POLL_S)
        try:
            probe.connect(str(path))
        except OSError:
            return None
        pid: int = struct.unpack("3i", probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        return pid


def send(pid: int, number: int) -> None:
    """Send a signal; harmless when the process has gone, or is another user's."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


if __name__ == "__main__":
    main()

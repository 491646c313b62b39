"""The agent's descriptors, in a process that may close or reuse any of them: whose they are, and writing to them."""

from __future__ import annotations

import os
import struct
from typing import Any, Optional

from .. import unpatched

LINE_TIMEOUT_S = 5.0  # a request begun, or an answer unread, for longer than this ends its connection


def identity_of(fd: int) -> Optional[tuple[int, int]]:
    """Return what tells an open socket or pipe from any other (device and inode), None when nothing is open there."""
    try:
        found = os.fstat(fd)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def close_if(fd: int, identity: Optional[tuple[int, int]]) -> None:
    """Close a descriptor unless it has been closed, or reused by the target, already."""
    if identity is not None and identity_of(fd) == identity:
        unpatched.close(fd)


def is_allowed(socket: Any) -> bool:
    """Tell whether the peer runs as the target's own user, or as root (unix(7), SO_PEERCRED)."""
    _, uid, _ = struct.unpack("3i", socket.getsockopt(1, 17, 12))  # SOL_SOCKET, SO_PEERCRED
    return uid in (os.geteuid(), 0)


def write_all(fd: int, line: bytes) -> None:
    """Write to a non-blocking descriptor; raise OSError when its reader takes nothing for `LINE_TIMEOUT_S`."""
    rest = memoryview(line)
    poller = unpatched.poll()
    poller.register(fd, unpatched.POLLOUT)
    since_s = unpatched.true_seconds()
    while rest:
        if not poller.poll(int(LINE_TIMEOUT_S * 1000)):  # which is over early where the target's clock runs fast
            if unpatched.true_seconds() - since_s < LINE_TIMEOUT_S:
                continue
            raise TimeoutError("the reader takes nothing")
        try:
            rest = rest[unpatched.write(fd, rest) :]
            since_s = unpatched.true_seconds()
        except BlockingIOError:
            continue


def remove_quietly(path: str) -> None:
    """Remove a file that may have gone already."""
    try:
        os.unlink(path)  # noqa: PTH108 -- pathlib is a module more to load in the target
    except OSError:
        return


class Connection:
    """One client of the agent: its socket, and what it has sent of a request so far."""

    __slots__ = ("buffer", "deadline_s", "identity", "socket")

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.identity = identity_of(socket.fileno())
        self.buffer = bytearray()
        self.deadline_s: Optional[float] = None

    def is_intact(self) -> bool:
        """Tell whether the descriptor is still this connection's; the target may have closed it, and reused it."""
        return identity_of(self.socket.fileno()) == self.identity

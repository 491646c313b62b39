"""What a process of the load uses itself: CPU time, memory, open files."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def cpu_s() -> float:
    """Return CPU seconds of this process so far, user and system."""
    return time.process_time()


def open_fds() -> int:
    """Return how many files and sockets this process has open (``/proc/self/fd``)."""
    try:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # a count of names: Path.iterdir makes an object of each
    except OSError:  # there is none left to look with: as many are open as may be
        return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def rss_bytes() -> int:
    """Return the resident set of this process (``/proc/self/statm``); 0 where no file can be opened."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES
    except OSError:
        return 0

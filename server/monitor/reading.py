"""Reads the memory of this process and of the machine."""

from __future__ import annotations

from collections.abc import Callable

import psutil

_PROCESS = psutil.Process()


def read_rss_bytes() -> float:
    """Return the resident set; microseconds."""
    return float(_PROCESS.memory_info().rss)


def read_uss_bytes() -> float:
    """Return what would be freed if this process ended; milliseconds, in the kernel."""
    return float(_PROCESS.memory_full_info().uss)


def read_system_percent() -> float:
    """Return the share of the machine's memory in use, 0 to 100."""
    return float(psutil.virtual_memory().percent)


READINGS: dict[str, Callable[[], float]] = {
    "rss_bytes": read_rss_bytes,
    "uss_bytes": read_uss_bytes,
    "system_percent": read_system_percent,
}


def read_all(readings: dict[str, Callable[[], float]]) -> dict[str, float | None]:
    """Take all readings; one that fails is None. Blocks, so it belongs into a thread."""
    return {name: _attempt(read) for name, read in readings.items()}


def _attempt(read: Callable[[], float]) -> float | None:
    try:
        return read()
    except (psutil.Error, OSError):
        return None

"""The memory of this very process, as it reads it itself: for a harness on another host or outside the container."""

from __future__ import annotations

import os

_START_FIELD = 22 - 3  # proc(5), /proc/pid/stat: the 22nd field, of those that follow the name in parentheses


def read(*, is_whole: bool) -> dict[str, float]:
    """Return ``process:rss`` and, if the whole is asked for, ``process:uss``, in bytes; that takes milliseconds."""
    memory = {"process:rss": float(resident_bytes())}
    if is_whole:
        memory["process:uss"] = float(unique_bytes())
    return memory


def resident_bytes() -> int:
    """Return the bytes that lie in memory, shared ones included (proc(5), statm)."""
    return _read_statm()[1] * os.sysconf("SC_PAGE_SIZE")


def virtual_pages() -> int:
    """Return how many pages the address space has."""
    return _read_statm()[0]


def _read_statm() -> list[int]:
    with open("/proc/self/statm", "rb") as stream:  # noqa: PTH123 -- no pathlib in the target
        return list(map(int, stream.read().split()))


def unique_bytes() -> int:
    """Return the bytes that would be free if this process ended: its private pages (proc(5), smaps)."""
    rollup = "/proc/self/smaps_rollup"
    with open(rollup if os.path.exists(rollup) else "/proc/self/smaps", "rb") as stream:  # noqa: PTH110, PTH123 -- likewise
        return sum(int(line.split()[1]) * 1024 for line in stream if line.startswith(b"Private_"))


def start_ticks() -> int:
    """Return when this process started, in clock ticks since the machine did: it tells which of a pid it is."""
    with open("/proc/self/stat", "rb") as stream:  # noqa: PTH123 -- likewise
        return int(stream.read().rpartition(b")")[2].split()[_START_FIELD])

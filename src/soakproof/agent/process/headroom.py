"""How much more memory this process may take before somebody ends it for that, and what looking at everything takes.

What looking takes for each object was measured on CPython 3.11: at most 110 bytes for a census, 250 from the mark of
the second pass to its last explanation, 330 for the shares (docs/observer.md). Where less than that is left, the agent
does not look: servers that stand near their container's limit are exactly those in which leaks are looked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Optional

from . import memory

CENSUS_BYTES = 120  # of each object
SECOND_PASS_BYTES = 300
SHARES_BYTES = 350
SPARE_BYTES = 16 << 20  # the target goes on taking memory meanwhile
CGROUPS = "/sys/fs/cgroup"
PROC = "/proc"
_KIB = 1024


def find_lack(objects: int, bytes_each: int) -> Optional[str]:
    """Say what looking at so many objects takes, where this process is left less; else None, and where nobody says."""
    needed, left = objects * bytes_each + SPARE_BYTES, left_bytes()
    if left is None or left >= needed:
        return None
    mib = f"{max(left, 0) >> 20:,} MiB are left to the process"
    return f"looking at {objects:,} objects takes up to {needed >> 20:,} MiB, and {mib}"


def left_bytes() -> Optional[int]:
    """Return how many bytes the machine, the containers around and the process' own limits leave; None where none says.

    Negative where more is in use than a limit allows.
    """
    left = [*_of_machine(), *_of_cgroups(), *_of_limits()]
    return min(left) if left else None


def _of_machine() -> Iterator[int]:
    """Yield what can be had without swapping (proc(5), meminfo)."""
    for line in _lines(f"{PROC}/meminfo"):
        if line.startswith("MemAvailable:"):
            yield int(line.split()[1]) * _KIB


def _of_cgroups() -> Iterator[int]:
    """Yield what is left in each memory cgroup around (cgroups(7)); what is cached of files gives way."""
    for line in _lines(f"{PROC}/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if not controllers:
            yield from _of_tree(CGROUPS, path, "memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            yield from _of_tree(f"{CGROUPS}/memory", path, "memory.limit_in_bytes", "memory.usage_in_bytes")


def _of_tree(root: str, path: str, limit_file: str, usage_file: str) -> Iterator[int]:
    """Yield what is left in a cgroup and those around it, of which in a container only the root may be there."""
    parts = [part for part in path.split("/") if part]
    for depth in range(len(parts), -1, -1):
        directory = "/".join([root, *parts[:depth]])
        limit, usage = _number(f"{directory}/{limit_file}"), _number(f"{directory}/{usage_file}")
        if limit is not None and usage is not None:
            yield limit - usage + _reclaimable(directory)


def _reclaimable(directory: str) -> int:
    """Return the bytes of files that nobody has looked at lately."""
    names = ("inactive_file ", "total_inactive_file ")
    found = [int(line.split()[1]) for line in _lines(f"{directory}/memory.stat") if line.startswith(names)]
    return max(found, default=0)


def _of_limits() -> Iterator[int]:
    """Yield what is left of the address space (getrlimit(2), RLIMIT_AS)."""
    for line in _lines(f"{PROC}/self/limits"):
        if line.startswith("Max address space"):
            soft = line[len("Max address space") :].split()[0]
            if soft.isdigit():
                yield int(soft) - memory.virtual_pages() * os.sysconf("SC_PAGE_SIZE")


def _number(path: str) -> Optional[int]:
    """Return the number in a file; None for ``max``, and where there is no such file."""
    text = next(iter(_lines(path)), "")
    return int(text) if text.isdigit() else None


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as stream:  # noqa: PTH123 -- no pathlib in the target
            return stream.read().splitlines()
    except OSError:
        return []

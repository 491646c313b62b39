"""How much memory a process may have: the limit of its container (cgroup v2 or v1), else what the machine has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil

from soakproof.plans import MemoryLimit

CGROUPS = Path("/sys/fs/cgroup")
PROC = Path("/proc")
V2_FILE = "memory.max"
V1_FILE = "memory.limit_in_bytes"


class CgroupPath(msgspec.Struct, frozen=True):
    """Where a process' memory is limited: the directory of its cgroup, and the file in it and above that says so."""

    root: Path
    directory: Path
    file: str


def read_memory_limit(pid: int) -> MemoryLimit:
    """Return the memory limit that holds for a process, in bytes."""
    machine = MemoryLimit(limit_bytes=psutil.virtual_memory().total, source="machine")
    cgroup = read_cgroup_limit(pid)
    if cgroup is None or cgroup >= machine.limit_bytes:
        return machine
    return MemoryLimit(limit_bytes=cgroup, source="cgroup")


def read_cgroup_limit(pid: int, proc: Path = PROC, cgroups: Path = CGROUPS) -> int | None:
    """Return the lowest limit of a process' cgroup and those around it, in bytes; None where none is set."""
    limits = [limit for place in find_cgroups(pid, proc, cgroups) for limit in read_limits(place)]
    return min(limits, default=None)


def find_cgroups(pid: int, proc: Path, cgroups: Path) -> Iterator[CgroupPath]:
    """Yield the memory cgroups of a process, as ``/proc/PID/cgroup`` lists them: ``0::/path``, ``4:memory:/path``."""
    try:
        lines = (proc / str(pid) / "cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        inner = path.lstrip("/")
        if not controllers:
            yield CgroupPath(cgroups, cgroups / inner, V2_FILE)
        elif "memory" in controllers.split(","):
            yield CgroupPath(cgroups / "memory", cgroups / "memory" / inner, V1_FILE)


def read_limits(place: CgroupPath) -> Iterator[int]:
    """Yield the limits set on a cgroup and on those around it.

    In a container the path may be the host's, of which only the root is to be seen: there the container's own limit is.
    """
    for directory in (place.directory, *place.directory.parents):
        try:
            text = (directory / place.file).read_text().strip()
        except OSError:
            text = ""
        if text.isdigit():  # "max" is none; version 1 says none by a number beyond any machine
            yield int(text)
        if directory == place.root:
            return

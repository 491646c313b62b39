"""Whether the kernel has killed a process of the target for want of memory: of its cgroup, else of the machine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from soakproof.target.memorylimit import CGROUPS, PROC, V2_FILE, find_cgroups, read_cgroup_limit

COUNT = (
    "oom_kill"  # "memory.events" of cgroup v2, "memory.oom_control" of v1, and /proc/vmstat have a line of this name
)
V2_COUNTS, V1_COUNTS = "memory.events", "memory.oom_control"


class MemoryDeaths:
    """The kills that were counted when the target had started, to be compared with those of later."""

    def __init__(self, pids: Iterable[int], proc: Path = PROC, cgroups: Path = CGROUPS) -> None:
        pids = list(pids)
        places = [place for pid in pids for place in find_cgroups(pid, proc, cgroups)]
        own = [place.directory / (V2_COUNTS if place.file == V2_FILE else V1_COUNTS) for place in places]
        self._files = sorted({file for file in own if read_count(file) is not None}) or [proc / "vmstat"]
        self._is_cgroup = self._files != [proc / "vmstat"]
        self._limit_bytes = min(filter(None, (read_cgroup_limit(pid, proc, cgroups) for pid in pids)), default=None)
        self._before = self._count()

    def say(self) -> str:
        """Return what is to be added to the news of a death: nothing where no kill has been counted since."""
        if self._count() <= self._before:
            return ""
        of = "its cgroup" if self._is_cgroup else "the machine"
        limit = f", whose limit is {self._limit_bytes / (1 << 20):,.0f} MiB" if self._limit_bytes else ""
        return (
            f"; the kernel killed it for want of memory of {of}{limit * self._is_cgroup}: that growth may be the leak, "
            "and fewer clients, or a higher limit, let it be measured and named"
        )

    def _count(self) -> int:
        return sum(read_count(file) or 0 for file in self._files)


def read_count(file: Path) -> int | None:
    """Return how many processes the kernel has killed, None where the file does not say."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.split()[:1] == [COUNT]]
    return int(found[0]) if found else None

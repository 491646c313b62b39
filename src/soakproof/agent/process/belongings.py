"""What a process owns outside its heap: child processes, zombies among them, and mappings of files and shared memory.

Anonymous private memory is not counted by its mappings: they are the allocators' and the stacks of threads.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

SHARED = ("/dev/shm/", "/dev/zero", "/memfd:", "/SYSV")  # noqa: S108 -- names that are compared, no files that are made
MAPS_COLUMNS = 6  # address, permissions, offset, device, inode, path
ZOMBIE = "Z"


def count_children() -> dict[str, float]:
    """Return how many children this process has, and how many of them have ended and were not waited for.

    Empty where the system does not list children (proc(5), CONFIG_PROC_CHILDREN).
    """
    if not os.path.exists(children_file(os.getpid())):  # noqa: PTH110 -- no pathlib
        return {}
    states = [state_of(pid) for pid in children()]
    return {"child:total": float(len(states)), "child:zombie": float(states.count(ZOMBIE))}


def children() -> Iterator[str]:
    """Yield the pids of the children that the threads of this process have started."""
    for task in os.listdir("/proc/self/task"):  # noqa: PTH208 -- no pathlib
        try:
            with open(children_file(task)) as stream:  # noqa: PTH123 -- likewise
                yield from stream.read().split()
        except OSError:  # the thread has ended meanwhile
            continue


def children_file(task: object) -> str:
    """Return the file that lists the children of a thread."""
    return f"/proc/self/task/{task}/children"


def state_of(pid: str) -> str:
    """Return the letter for the state of a process, empty once it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as stream:  # noqa: PTH123 -- no pathlib
            return stream.read().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def command_of(pid: str) -> str:
    """Return the name of the program that a process runs, empty once it is gone."""
    try:
        with open(f"/proc/{pid}/comm") as stream:  # noqa: PTH123 -- no pathlib
            return stream.read().strip()
    except OSError:
        return ""


def mappings() -> Iterator[tuple[str, int, str]]:
    """Yield ``(metric, bytes, path)`` of each mapping of a path, but for libraries: files with code."""
    with open("/proc/self/maps") as stream:  # noqa: PTH123 -- no pathlib
        lines = [line.split(None, MAPS_COLUMNS - 1) for line in stream.read().splitlines()]
    named = [columns for columns in lines if len(columns) == MAPS_COLUMNS and columns[-1].startswith("/")]
    code = {columns[-1] for columns in named if "x" in columns[1]}
    for columns in named:
        if columns[-1] not in code:
            low, _, high = columns[0].partition("-")
            metric = "map:shared" if columns[-1].startswith(SHARED) else "map:file"
            yield metric, int(high, 16) - int(low, 16), columns[-1]


def count_mappings() -> dict[str, float]:
    """Return number and bytes of what is mapped: files but for libraries, and memory that is shared."""
    found = {"map:file": 0.0, "map:file_bytes": 0.0, "map:shared": 0.0, "map:shared_bytes": 0.0}
    for metric, size, _ in mappings():
        found[metric] += 1
        found[f"{metric}_bytes"] += size
    return found

"""What this machine can and cannot measure: each check says what it found, what that limits, and what lifts it."""

from __future__ import annotations

import os
import platform
import resource
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from soakproof.memorylimit import read_memory_limit

FDS_WANTED = 20_000
CORES_WANTED = 2
PORTS_WANTED = 20_000
SHORT_PATH = 60
PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


class Check(msgspec.Struct, kw_only=True, frozen=True):
    """One finding about the machine: is it good, what was found, what that limits, what lifts it."""

    name: str
    found: str
    is_good: bool = True
    limits: str = ""
    remedy: str = ""

    def sentence(self) -> str:
        """Return the finding as a line of text."""
        if self.is_good:
            return f"ok    {self.name}: {self.found}"
        return f"LIMIT {self.name}: {self.found}; {self.limits}. {self.remedy}"


def examine() -> Iterator[Check]:
    """Yield every check, in the order in which they matter."""
    yield check_platform()
    yield check_python()
    yield check_cores()
    yield check_open_files()
    yield check_ports()
    yield check_allocator()
    yield check_memory_limit()
    yield check_agent_directory()


def check_platform() -> Check:
    """USS, malloc_trim and peer credentials are Linux's."""
    is_linux = sys.platform == "linux"
    return Check(
        name="platform",
        found=platform.platform(terse=True),
        is_good=is_linux,
        limits="memory is read from /proc, which only Linux has",
        remedy="Run soakproof on Linux, or in a container.",
    )


def check_python() -> Check:
    """The harness's own Python; the target may have another."""
    return Check(name="python", found=f"{platform.python_version()} (the target may have its own, from 3.9 on)")


def check_cores() -> Check:
    """Generator and target want a core each."""
    cores = len(os.sched_getaffinity(0))
    return Check(
        name="cores",
        found=f"{cores} may be used",
        is_good=cores >= CORES_WANTED,
        limits="generator and target share one, so the load is slower",
        remedy="Give it two cores, or lower --clients.",
    )


def check_open_files() -> Check:
    """Each client costs the generator one descriptor, and the target one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Check(
        name="open files",
        found=f"{soft} now, {hard} at most (soakproof raises its own to the most)",
        is_good=hard >= FDS_WANTED,
        limits=f"no more than about {hard - 200} clients at once",
        remedy=f"Raise it with `ulimit -Hn {FDS_WANTED * 5}` as root, or LimitNOFILE= in the unit.",
    )


def check_ports() -> Check:
    """One source address gives as many connections to one port as there are ephemeral ports."""
    try:
        low, high = (int(word) for word in PORT_RANGE.read_text().split())
    except (OSError, ValueError):
        return Check(name="ports", found="the range of ephemeral ports cannot be read")
    return Check(
        name="ports",
        found=f"{high - low + 1} ephemeral ports per source address",
        is_good=high - low >= PORTS_WANTED,
        limits="fewer clients at once from one address",
        remedy='Widen it with `sysctl net.ipv4.ip_local_port_range="1024 65535"`.',
    )


def check_allocator() -> Check:
    """Allocated blocks are counted by pymalloc alone; another malloc hides them."""
    malloc = os.environ.get("PYTHONMALLOC", "")
    preload = os.environ.get("LD_PRELOAD", "")
    is_good = malloc in {"", "default", "pymalloc"}
    return Check(
        name="allocator",
        found=f"PYTHONMALLOC={malloc or 'default'}" + (f", LD_PRELOAD={preload}" if preload else ""),
        is_good=is_good,
        limits="allocated blocks read 0, so leaks that no container holds are found by object counts alone",
        remedy="Unset PYTHONMALLOC for the target.",
    )


def check_memory_limit() -> Check:
    """A cgroup's limit ends the target before the soak does."""
    limit = read_memory_limit(os.getpid())
    whose = {"cgroup": "(cgroup)", "machine": "(the machine's; none set by a cgroup)"}[limit.source]
    return Check(name="memory limit", found=f"{limit.limit_bytes / 2**20:,.0f} MiB {whose}")


def check_agent_directory() -> Check:
    """The agent's socket lives in a directory that only its owner enters; a Unix socket's path is short."""
    directory = Path(tempfile.gettempdir())
    is_good = os.access(directory, os.W_OK) and len(str(directory)) < SHORT_PATH
    return Check(
        name="agent directory",
        found=str(directory),
        is_good=is_good,
        limits="the agent's Unix socket needs a short path (107 bytes) in a directory that can be written",
        remedy="Set TMPDIR=/tmp.",
    )

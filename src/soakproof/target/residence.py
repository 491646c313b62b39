"""Where a target's process lives, and how its memory is read: from outside, or by its agent where nobody else can."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import psutil

from soakproof.errors import TargetError
from soakproof.target.link import AgentLink

START_FIELD = 22 - 3  # proc(5), /proc/pid/stat: the 22nd field, of those that follow the name in parentheses


class ReadMemory(Protocol):
    """Reads a process' memory."""

    def __call__(self, *, is_whole: bool) -> dict[str, float]:
        """Return RSS in bytes and, when asked for the whole, USS too (it walks the page tables: milliseconds)."""


def is_here(link: AgentLink) -> bool:
    """Whether the agent's process is the one of its pid on this host, and its memory may be read.

    The agent of a container, or behind a forwarded socket, says a pid that is nobody's here, or somebody else's: who
    started at another moment is another process.
    """
    try:
        stat = Path(f"/proc/{link.pid}/stat").read_bytes()
        psutil.Process(link.pid).memory_full_info()
    except (OSError, psutil.Error):
        return False
    return int(stat.rpartition(b")")[2].split()[START_FIELD]) == link.hello.get("start_ticks")


def choose_reader(link: AgentLink) -> ReadMemory:
    """Return how the memory of a process is read: by psutil where it is here, else by its agent."""
    return from_outside(link.pid) if is_here(link) else from_inside(link)


def from_outside(pid: int) -> ReadMemory:
    """Return a reader that asks the system about a process of this host."""
    process = psutil.Process(pid)

    def read(*, is_whole: bool) -> dict[str, float]:
        try:
            memory = process.memory_full_info() if is_whole else process.memory_info()
        except psutil.Error as error:
            raise TargetError(f"the target's process {pid} has ended") from error
        reading = {"process:rss": float(memory.rss)}
        if is_whole:
            reading["process:uss"] = float(memory.uss)
        return reading

    return read


def read_cpu_s(link: AgentLink) -> float:
    """Return the CPU seconds that a process has used, 0 of one that is not on this host, or has ended."""
    try:
        times = psutil.Process(link.pid).cpu_times() if is_here(link) else None
    except psutil.Error:
        return 0.0
    return float(times.user + times.system) if times else 0.0


def from_inside(link: AgentLink) -> ReadMemory:
    """Return a reader that has the process read its own memory."""

    def read(*, is_whole: bool) -> dict[str, float]:
        metrics: dict[str, float] = link.request("memory", whole=is_whole)["metrics"]
        return metrics

    return read

"""Caches of freed memory in the target's threads: what lies in them is free, yet malloc counts it as in use.

The source is the glibc manual, "Memory Allocation Tunables"; another C library, or allocator, does not read them.
"""

from __future__ import annotations

from pathlib import Path

VARIABLE = "GLIBC_TUNABLES"
COUNT = "glibc.malloc.tcache_count"
NONE = f"{COUNT}=0"


def without(tunables: str) -> str:
    """Return glibc's tunables with no cache in each thread, unless they say how large it is to be."""
    return tunables if COUNT in tunables else ":".join(filter(None, [tunables, NONE]))


def are_off(pid: int, proc: Path = Path("/proc")) -> bool:
    """Tell whether a process was started without them; False where its environment cannot be read."""
    try:
        variables = (proc / str(pid) / "environ").read_bytes()
    except OSError:
        return False
    # glibc's loader ends each tunable where it stands, by a null byte for the colon
    each = variables.replace(b":", b"\0").replace(f"{VARIABLE}=".encode(), b"").split(b"\0")
    return NONE.encode() in each

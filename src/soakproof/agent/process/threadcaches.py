"""Caches of freed memory in the process' threads: what lies in them is free, yet malloc counts it as in use.

The source is the glibc manual, "Memory Allocation Tunables"; another C library, or allocator, does not read them.
"""

from __future__ import annotations

from typing import Optional

VARIABLE = "GLIBC_TUNABLES"
COUNT = "glibc.malloc.tcache_count"
NONE = f"{COUNT}=0"
_STARTED_WITH = "/proc/self/environ"


def without(tunables: str) -> str:
    """Return glibc's tunables with no cache in each thread, unless they say how large it is to be."""
    return tunables if COUNT in tunables else ":".join(filter(None, [tunables, NONE]))


def may_be(other: Optional[str]) -> bool:
    """Whether threads may cache what they free: glibc's, unless it was told otherwise at the start; any other's do."""
    return other is not None or NONE.encode() not in _tunables()


def _tunables() -> list[bytes]:
    """Return what may be a tunable that this process was started with; none where that cannot be read.

    glibc's loader ends each where it stands, by a null byte in the colon's place.
    """
    try:
        with open(_STARTED_WITH, "rb") as file:  # noqa: PTH123 -- no pathlib in the target
            started_with = file.read()
    except OSError:
        return []
    return started_with.replace(b":", b"\0").replace(f"{VARIABLE}=".encode(), b"").split(b"\0")

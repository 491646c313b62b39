"""Limits of the machine that a load runs into: open files."""

from __future__ import annotations

import resource

from soakproof.errors import LoadError

SPARE_FDS = 100


def raise_fd_limit() -> int:
    """Raise the soft limit on open files to the hard one; return it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def check_fds(fds: int, limit: int) -> None:
    """Refuse, before any client is opened, what would run out of open files in the middle.

    Raises:
        LoadError: the limit is too low.
    """
    need = fds + SPARE_FDS
    if need > limit:
        raise LoadError(
            f"{fds} sockets at once: `ulimit -Hn` allows {limit} open files, need {need}; "
            f"raise it with `ulimit -n {need}` as root, or use fewer clients"
        )

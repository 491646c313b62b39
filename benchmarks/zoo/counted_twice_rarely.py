"""The same as `counted_twice`, of every tenth client."""

from __future__ import annotations

from benchmarks.zoo import counted_twice


class Server(counted_twice.Server):
    """Meets one client in ten."""

    EACH = 10

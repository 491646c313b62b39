"""Locust's process beside the servers of observer_cpu.py: it stays, so that one load serves them all by turns.

    python -m benchmarks.load_on_order      reads lines "URL CONNECTIONS RATE", answers each with "ok" once all dropped

A connection is load_users.py's: connect, one acknowledged event, drop.
"""

from __future__ import annotations

import sys

from locust.env import Environment

from benchmarks.load_users import AT_ONCE, Lean, spawn
from soakproof.load.processes.limits import raise_fd_limit


def main() -> None:
    """Carry out one order after the other, until there are no more."""
    raise_fd_limit()
    environment = Environment(user_classes=[Lean])
    environment.create_local_runner()
    for order in sys.stdin:
        Lean.host, connections, rate = order.split()
        spawn(environment, Lean, int(connections), AT_ONCE, float(rate))
        environment.runner.user_greenlets.join()
        failures = environment.stats.total.num_failures
        if failures:
            sys.exit(f"{failures} requests failed: the figures mean nothing")
        print("ok", flush=True)  # noqa: T201  # its answer


if __name__ == "__main__":
    main()

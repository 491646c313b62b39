"""What one disconnect costs with 100 to 100,000 entries in every registry: ``make bench-cleanup``.

The seed's way, which scans all registries at each disconnect, is measured beside it. Each round measures every size
once, in turn, so that a busy machine slows all alike; the ratio of a size to the smallest is the median of the rounds'.
Exit code 1 when it is not flat within a factor of 1.5.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import sys
import time
from typing import Any

from server import logs
from server.audit import AuditTrail
from server.clock import ScaledClock
from server.collaboration import Collaboration, registries_in_memory
from server.connections import Connection
from server.documents import DocumentState
from server.limits import Limits
from server.locks import DocumentLock

SIZES = (100, 1_000, 10_000, 100_000)
FLAT_WITHIN = 1.5
LIMITS = Limits(
    connections=10**6, broadcast_times=10**6, document_states=10**6, document_locks=10**6, sessions=10**6, crawls=10**6
)


class SilentEmitter:
    """Sends nothing: what is measured is the cleanup, not the network."""

    async def emit(self, event: str, payload: Any, to: str | list[str], skip: str | None = None) -> None:
        """Do nothing."""

    async def enter(self, sid: str, room: str) -> None:
        """Do nothing."""

    async def leave(self, sid: str, room: str) -> None:
        """Do nothing."""


class Filled:
    """A collaboration with so many entries in every registry, none of them due."""

    def __init__(self, entries: int) -> None:
        self.clock = ScaledClock()
        audit = AuditTrail(self.clock, LIMITS.audit_records)
        self.registries: Any = registries_in_memory(self.clock, LIMITS, audit)
        self.domain = Collaboration(self.clock, LIMITS, audit, self.registries, SilentEmitter())
        self.entries = entries
        self.number = 0

    async def fill(self) -> None:
        """Fill all registries."""
        now_s = self.clock.now_s()
        for number in range(self.entries):
            self.registries.broadcast_times.accept(f"progress {number}", "crawling")
            await self.registries.document_states.put(DocumentState("p", f"d{number}", last_modified_s=now_s), None)
            await self.registries.document_locks.acquire(self._lock(f"d{number}", f"sid {number}"))
            self.registries.sessions.create()
            self.registries.crawls.end(self.registries.crawls.start("http://example.invalid"))

    async def disconnect_once_s(self) -> float:
        """Let a client connect, open and lock a document, and drop; return what the drop cost, in seconds."""
        self.number += 1
        sid = f"leaver {self.number}"
        connection = Connection(sid, sid)
        self.domain.lifecycle.connect(connection)
        connection.documents.add(("p", "d0"))
        self.registries.presence.join(("p", "d0"), sid)
        await self.registries.document_locks.acquire(self._lock(f"own {self.number}", sid))
        began = time.perf_counter()
        await self.domain.lifecycle.disconnect(sid)
        return time.perf_counter() - began

    async def disconnect_the_seeds_way_s(self) -> float:
        """Return what scanning the same registries costs, as the seed's system did at each disconnect."""
        now_s = self.clock.now_s()
        kept = self.registries
        began = time.perf_counter()
        [key for key, lock in list(kept.document_locks.document_locks.items()) if lock.sid == "leaver"]
        [
            key
            for key, at_s in list(kept.broadcast_times.broadcast_times.items())
            if now_s - at_s > LIMITS.broadcast_ttl_s
        ]
        [
            key
            for key, state in list(kept.document_states.document_states.items())
            if now_s - state.last_modified_s > LIMITS.document_ttl_s
        ]
        [
            key
            for key, session in list(kept.sessions.sessions.items())
            if now_s - session.last_active_s > 3_600 * LIMITS.session_ttl_hours
        ]
        return time.perf_counter() - began

    def _lock(self, document_id: str, sid: str) -> DocumentLock:
        now_s = self.clock.now_s()
        return DocumentLock(document_id, "p", sid, sid, sid, now_s, now_s + 3_000)


async def measure(rounds: int, per_round: int) -> dict[int, list[float]]:
    """Return the median cost of a disconnect in each round, by size, in microseconds; prints a table."""
    servers = [Filled(size) for size in SIZES]
    for server in servers:
        await server.fill()
    gc.collect()
    gc.freeze()  # the collector's pace depends on what else lives here, not on the cleanup
    costs: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(rounds):
        for server in servers:
            samples = [await server.disconnect_once_s() for _ in range(per_round)]
            costs[server.entries].append(statistics.median(samples) * 1e6)
    for server in servers:
        report(server.entries, costs, await server.disconnect_the_seeds_way_s())
    return costs


def report(size: int, costs: dict[int, list[float]], seeds_way_s: float) -> None:
    """Print a row of the table."""
    cost_us, ratio = statistics.median(costs[size]), relative(size, costs)
    sys.stdout.write(
        f"{size:>8} entries  {cost_us:8.1f} us  {ratio:5.2f} x   seed's way {seeds_way_s * 1e6:10.1f} us\n"
    )


def relative(size: int, costs: dict[int, list[float]]) -> float:
    """Return how many times what the smallest size costs this one does: the median of the rounds' ratios."""
    return statistics.median(here / least for here, least in zip(costs[size], costs[SIZES[0]], strict=True))


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=15, help="times every size is measured (default: %(default)s)")
    parser.add_argument("--per-round", type=int, default=300, help="disconnects per size and round")
    arguments = parser.parse_args()
    logs.configure("warning")
    costs = asyncio.run(measure(arguments.rounds, arguments.per_round))
    worst = max(relative(size, costs) for size in SIZES)
    is_flat = worst <= FLAT_WITHIN
    sys.stdout.write(f"{'flat' if is_flat else 'not flat'}: at most {worst:.2f} x, need {FLAT_WITHIN} x\n")
    return 0 if is_flat else 1


if __name__ == "__main__":
    sys.exit(main())

"""The account of memory: where the bytes of RSS lay at the first judged rest point, and where at the last.

It decides nothing; it says which of four it is that a process grows by: what Python has in use, what C has, what the
allocators hold free, or what waits for the collector. Each rest point is read before free memory is given back, since
nobody gives it back in production.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from soakproof.judge.restpoints import RestPoint, judged_pids, rest_points
from soakproof.judge.verdict import MemoryAccount
from soakproof.samples import Run
from soakproof.totals import add_up

PARTS = (
    "python_in_use",
    "heap_in_use",
    "mapped",
    "python_free",
    "heap_free",
    "stacks",
    "files",
    "shared",
    "other",
)
FREE = ("python_free", "heap_free")
KEPT_SHARE = 0.5
LEAST_RISE_BYTES = 16 << 20
LATE_COLLECTION = 2_000_000  # new objects between two collections of everything; by Python's own thresholds 200,000
ACCOUNTED = ("baseline", "warmup", "wave", "held", "steady")


def find_account(run: Run) -> MemoryAccount | None:
    """Return the account of the processes that were judged; None where no rest point has one, as in older runs."""
    told = [each for _, each in read_accounts([point for point in rest_points(run) if point.phase in ACCOUNTED])]
    if not told:
        return None
    account = MemoryAccount(
        first=_parts_of(told[0]),
        last=_parts_of(told[-1]),
        arenas=int(told[-1].get("arenas", 0)),
        thread_stacks=int(told[-1].get("thread_stacks", 0)),
        trimmed=max(each.get("trimmed", 0.0) for each in told),
        garbage=max(each.get("garbage", 0.0) for each in told),
        garbage_objects=int(max(each.get("garbage_objects", 0.0) for each in told)),
    )
    is_late = told[-1].get("collects_every", 0.0) > LATE_COLLECTION
    return msgspec.structs.replace(account, keeper=find_keeper(account, is_collected_late=is_late))


def read_accounts(points: list[RestPoint]) -> list[tuple[RestPoint, dict[str, float]]]:
    """Return the rest points that have an account, each with that of the judged processes together."""
    pids = judged_pids(points)
    told = [(point, add_up(_accounts_of(point, pids))) for point in points]
    return [(point, account) for point, account in told if account]


def find_keeper(account: MemoryAccount, *, is_collected_late: bool) -> Literal["allocator", "collector"] | None:
    """Return who has most of what RSS rose by, of those who keep it and have no use for it; None of a small rise.

    Garbage waits in every healthy server, and makes room for the next: the collector keeps it only where the target has
    raised its thresholds, so that it comes late.
    """
    rise = sum(account.last.values()) - sum(account.first.values())
    if rise < LEAST_RISE_BYTES:
        return None
    if is_collected_late and account.garbage > KEPT_SHARE * rise:
        return "collector"
    free = sum(account.last[name] - account.first[name] for name in FREE)
    return "allocator" if free > KEPT_SHARE * rise else None


def _accounts_of(point: RestPoint, pids: Sequence[int]) -> Iterator[dict[str, float]]:
    for pid in pids:
        if pid in point.samples:
            yield point.samples[pid].account


def _parts_of(told: dict[str, float]) -> dict[str, float]:
    return {name: told.get(name, 0.0) for name in PARTS}

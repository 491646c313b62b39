"""Which share of the growth each cause explains: what came beneath its owner, of all that came and stayed.

The second pass has told to whom each new object belongs (``Shares``). A cause claims what belongs to it, or to what
follows from it, each share once, the first cause first; so that shares add up to no more than the whole. Bytes that are
no objects of their own (a buffer that swells, blocks that no root leads to, memory of C code) are claimed by their
slope, and are part of the whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec

from soakproof.judge.folding import is_builtin, is_inside
from soakproof.judge.verdict import Finding, is_cause
from soakproof.metrickinds import ALIGNMENT_BYTES, CONTAINERS, USED_BY_C
from soakproof.samples import Run, Share

UNREACHED = ""
REFERENCES = "type:weakref.ReferenceType"
WEAK_COLLECTIONS = frozenset(("_weakrefset.WeakSet", "weakref.WeakKeyDictionary", "weakref.WeakValueDictionary"))
OTHERS = "others"  # the smallest together
MOST_ONCE = 25  # objects
ALIKE = 0.8  # of what grows, so much at least came beneath the one who keeps it
# That they are no part of what the process keeps belittles nothing.
KEPT_BY_THE_KERNEL = frozenset(("fd", "child", "map"))
MEAN_LARGE_BYTES = 1024.0  # of a block that is none of pymalloc's: all that is known is that it is above 512


def share_out(findings: Sequence[Finding], run: Run) -> list[Finding]:
    """Return the findings, each cause with its share of the growth (0 to 1), where the second pass has told of it."""
    if run.shares is None:
        return list(findings)
    causes = [each for each in findings if is_cause(each)]
    left = list(run.shares.shares)
    claimed: dict[str, float] = {}
    for cause in causes:
        claims = Claims(cause, run)
        mine = [share for share in left if claims.holds(share)]
        left = [share for share in left if share not in mine]
        claimed[cause.metric] = sum(share.per_connection_bytes for share in mine)
    keepers = {cause.metric: keeper for cause in causes if (keeper := find_keeper(cause, run.shares.shares, left))}
    for metric, keeper in keepers.items():
        claimed[metric] += keeper.per_connection_bytes
    besides = {cause.metric: bytes_besides(cause, claimed[cause.metric]) for cause in causes}
    whole = measure_whole(
        sum(claimed.values()) + sum(besides.values()),
        [share for share in left if share not in keepers.values() and not came_once(share, run.shares.connections)],
        estimate_growth(findings),
    )
    if whole <= 0:
        return list(findings)
    parts = {metric: (claimed[metric] + besides[metric]) / whole for metric in claimed}
    for cause in causes:
        if cause.kind in KEPT_BY_THE_KERNEL and not parts[cause.metric]:
            del parts[cause.metric]
    return [_with_share(_with_keeper(each, keepers), parts) for each in findings]


def find_keeper(cause: Finding, shares: Sequence[Share], left: Sequence[Share]) -> Share | None:
    """Return beneath what blocks are that no container or type explains: who has gained as many objects, and bytes.

    Untracked objects are seen by nobody but the container that gained them, and some of those are under no name.
    ``left`` are the shares that nobody has claimed. None where as many are known to be nobody's.
    """
    if cause.kind != "blocks" or not cause.name.isdigit():
        return None
    enough = ALIKE * cause.per_connection
    alike = [share for share in shares if share.per_connection >= enough]
    if any(share.owner == UNREACHED for share in alike):
        return None
    enough_bytes = enough * (float(cause.name) - ALIGNMENT_BYTES + 1)
    found = [
        share
        for share in alike
        if share in left and share.owner != OTHERS and share.per_connection_bytes >= enough_bytes
    ]
    return max(found, key=lambda share: share.per_connection_bytes, default=None)


def sum_up(findings: Sequence[Finding]) -> float | None:
    """Return the share of the growth that all causes explain together, None where nobody looked."""
    shares = [each.share for each in findings if is_cause(each) and each.share is not None]
    return round(min(sum(shares), 1.0), 4) if shares else None


def measure_whole(claimed: float, others: Sequence[Share], grown: float) -> float:
    """Return the bytes per connection of which shares are parts: what is claimed, and others', up to what has grown."""
    return max(min(claimed + sum(share.per_connection_bytes for share in others), grown), claimed)


def came_once(share: Share, connections: int) -> bool:
    """Whether nobody claims what are a few objects in all: each wave leaves some, in the place of the last one's.

    What of it does grow shows in the blocks, which then are a cause of their own.
    """
    return share.per_connection * connections <= MOST_ONCE


def estimate_growth(findings: Sequence[Finding]) -> float:
    """Return by how many bytes per connection memory in use has grown in all waves; infinite where none is told.

    One wave also keeps what comes once, or in the place of another: that is no growth. What one size of blocks loses to
    another is none either. The estimates, and not the ends of their intervals, of which each has its own noise.
    """
    sizes = [
        each.per_connection * float(each.name) for each in findings if each.kind == "blocks" and each.name.isdigit()
    ]
    heap = [each.per_connection for each in findings if each.metric in USED_BY_C]
    return max(sum(sizes) + sum(heap), 0.0) if sizes and heap else math.inf


def _with_share(finding: Finding, parts: dict[str, float]) -> Finding:
    if finding.metric not in parts:
        return finding
    return msgspec.structs.replace(finding, share=round(parts[finding.metric], 4))


def _with_keeper(finding: Finding, keepers: dict[str, Share]) -> Finding:
    keeper = keepers.get(finding.metric)
    if keeper is None or finding.culprit is None:
        return finding
    return msgspec.structs.replace(finding, culprit=msgspec.structs.replace(finding.culprit, beneath=keeper.owner))


class Claims:
    """What one cause may claim: owner paths, tasks, classes; its own and those of what follows from it."""

    def __init__(self, cause: Finding, run: Run) -> None:
        self._is_unreached = cause.kind in {"heap", "blocks"}
        metrics = [cause.metric, *cause.consequences]
        kinds = [metric.partition(":")[::2] for metric in metrics]
        self._owners = set(_owners(metrics, run))
        self._tasks = {metric for metric in metrics if metric.startswith("task:")}
        names = {name for kind, name in kinds if kind == "type"}
        self._types = {name for name in names if not is_builtin(name) or name == cause.name}
        kept = cause.culprit.types if cause.culprit else []
        self._types |= {each.name for each in kept if not is_builtin(each.name)}
        self._is_watched = REFERENCES in metrics

    def holds(self, share: Share) -> bool:
        """Whether what came there belongs to the cause."""
        owner = share.owner
        if owner in WEAK_COLLECTIONS:  # what they watch is kept by somebody else
            return self._is_watched or self._is_of_types(share)
        if owner == UNREACHED:
            return self._is_unreached or self._is_of_types(share)
        if owner.startswith("task:"):
            return owner in self._tasks or "task:total" in self._tasks or self._is_of_types(share)
        return any(owner == mine or is_inside(owner, mine) for mine in self._owners) or self._is_of_types(share)

    def _is_of_types(self, share: Share) -> bool:
        return share.owner in self._types or any(kept.name in self._types for kept in share.types)


def _owners(metrics: Sequence[str], run: Run) -> Iterator[str]:
    for metric in metrics:
        kind, _, name = metric.partition(":")
        if kind in CONTAINERS:
            info = run.metrics.get(metric)
            yield info.owner if info and info.owner else name


def bytes_besides(cause: Finding, claimed_bytes: float) -> float:
    """Return the bytes per connection of a cause that are no objects of their own, above what it claims."""
    if cause.kind == "blocks":
        size = float(cause.name) if cause.name.isdigit() else MEAN_LARGE_BYTES
        return max(cause.per_connection * size - claimed_bytes, 0.0)
    return max(cause.per_connection - claimed_bytes, 0.0) if cause.unit == "bytes" else 0.0

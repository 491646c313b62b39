"""What the traced allocations of each line, or stack, come to: bytes, how many, and how many of pymalloc's sizes."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, NamedTuple, Optional

from ..origin import sourcelines
from ..origin.sourcelines import Line

_SIZE, _STACK = 1, 2  # of a raw trace
_ALIGNMENT_BYTES, _LARGEST_SMALL_BYTES = 16, 512
_LARGE = "large"
Stack = tuple[Line, ...]  # innermost first
Gathered = defaultdict[Stack, list[int]]
StackSums = dict[int, tuple[int, int]]  # hash of a stack: bytes, number


class LineSum(NamedTuple):
    """What the allocations of one line come to; ``sizes`` is how many by size, as the census names it."""

    bytes: int
    number: int
    sizes: dict[str, int]

    def less(self, before: LineSum) -> LineSum:
        """Return what this is more than before; sizes of which there are as many are left out."""
        names = {*self.sizes, *before.sizes}
        differences = {name: self.sizes.get(name, 0) - before.sizes.get(name, 0) for name in names}
        gained = {name: count for name, count in differences.items() if count}
        return LineSum(self.bytes - before.bytes, self.number - before.number, gained)


NOTHING = LineSum(0, 0, {})


def gather_sizes(traces: Any) -> Gathered:
    """Return the sizes of raw traces by stack: that makes no object per allocation, which would be traced itself."""
    gathered: Gathered = defaultdict(list)
    for trace in traces:
        gathered[trace[_STACK]].append(trace[_SIZE])
    return gathered


def sum_by_line(gathered: Gathered, beneath: frozenset[Line]) -> dict[Line, LineSum]:
    """Add what was gathered up by line."""
    sums: dict[Line, LineSum] = {}
    for stack, kept in gathered.items():
        line = line_of(stack, beneath)
        if line is not None:
            old = sums.get(line) or LineSum(0, 0, {})
            for size, count in Counter(kept).items():
                name = name_size(size)
                old.sizes[name] = old.sizes.get(name, 0) + count
            sums[line] = LineSum(old.bytes + sum(kept), old.number + len(kept), old.sizes)
    return sums


def sum_by_stack(gathered: Gathered) -> StackSums:
    """Add it up by stack, each told by its hash alone: thousands of stacks are remembered from mark to mark."""
    return {hash(stack): (sum(kept), len(kept)) for stack, kept in gathered.items()}


def grown_stacks(gathered: Gathered, before: StackSums) -> list[tuple[int, int, Stack]]:
    """Return the stacks whose allocations have grown, by how many bytes and how many, the most first."""
    grown = []
    for stack, kept in gathered.items():
        old_bytes, old_number = before.get(hash(stack), (0, 0))
        gained = sum(kept) - old_bytes
        if gained > 0:
            grown.append((gained, len(kept) - old_number, stack))
    return sorted(grown, key=lambda each: (-each[0], each[2]))


def name_size(size: int) -> str:
    """Return the size of the block that an allocation takes, as the census names it."""
    if size > _LARGEST_SMALL_BYTES:
        return _LARGE
    return str(max(size + _ALIGNMENT_BYTES - 1, _ALIGNMENT_BYTES) // _ALIGNMENT_BYTES * _ALIGNMENT_BYTES)


def line_of(stack: tuple[Line, ...], beneath: frozenset[Line]) -> Optional[Line]:
    """Return the line that a stack, innermost first, belongs to; None for the agent's own."""
    if any(sourcelines.is_own_file(file) for file, _ in stack):
        return None
    return sourcelines.attribute_to_line(stack, beneath)

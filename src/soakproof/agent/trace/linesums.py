"""What the traced allocations of each line come to: bytes, how many, and how many of each of pymalloc's sizes."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, NamedTuple, Optional

from ..origin import sourcelines
from ..origin.sourcelines import Line

_SIZE, _STACK = 1, 2  # of a raw trace
_ALIGNMENT_BYTES, _LARGEST_SMALL_BYTES = 16, 512
_LARGE = "large"


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


def sum_by_line(traces: Any, beneath: frozenset[Line]) -> dict[Line, LineSum]:
    """Add raw traces up by line.

    Sizes are gathered per stack before they are added up, because that makes no object per allocation: each would be
    traced itself.
    """
    gathered: defaultdict[tuple[Line, ...], list[int]] = defaultdict(list)
    for trace in traces:
        gathered[trace[_STACK]].append(trace[_SIZE])
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

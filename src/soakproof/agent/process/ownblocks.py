"""Blocks of Python's memory that the agent takes for good, by size in bytes: they are none of the target's.

Watching a code object by `sys.monitoring` gives it tables that Python keeps as long as the code.
"""

from __future__ import annotations

import sys

from . import pymalloc

LARGE = 0  # in the place of a size: what is malloc's
_taken: dict[int, int] = {}


class Taking:
    """Notes what is taken while this is entered."""

    def __enter__(self) -> None:
        self._before = read()

    def __exit__(self, *_error: object) -> None:
        for size, count in read().items():
            grown = count - self._before.get(size, 0)
            if grown > 0:
                _taken[size] = _taken.get(size, 0) + grown


def read() -> dict[int, int]:
    """Return how many blocks of each size are in use; empty where pymalloc cannot say."""
    total, by_size = sys.getallocatedblocks(), pymalloc.blocks_in_use()
    return {**by_size, LARGE: total - sum(by_size.values())} if by_size else {}


def add_taken(sizes: dict[int, int]) -> None:
    """Add what was taken to blocks by size."""
    for size, count in _taken.items():
        sizes[size] = sizes.get(size, 0) + count

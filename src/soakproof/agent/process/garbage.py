"""What the agent's own collections have freed: garbage that waited for the target's collector to come."""

from __future__ import annotations

import functools
import gc
import operator

from . import libc, pymalloc

_objects = 0
_bytes = 0


def collect() -> bool:
    """Collect garbage, unless the target has switched that off; return whether it was done."""
    if not gc.isenabled():
        return False
    collect_now()
    return True


def collect_now() -> None:
    """Collect garbage, and remember how much there was."""
    global _objects, _bytes  # noqa: PLW0603 -- of the process
    before = _in_use_bytes()
    _objects += gc.collect()
    _bytes += max(0, before - _in_use_bytes())


def take() -> dict[str, float]:
    """Return the objects and bytes freed since this was last asked, and after how many new objects the target collects.

    ``collects_every`` is the product of its thresholds, about as many as come between two collections of everything.
    """
    global _objects, _bytes  # noqa: PLW0603 -- of the process
    every = functools.reduce(operator.mul, (max(1, each) for each in gc.get_threshold()))
    taken = {"garbage_objects": float(_objects), "garbage": float(_bytes), "collects_every": float(every)}
    _objects = _bytes = 0
    return taken


def _in_use_bytes() -> int:
    """Return what is in use of pymalloc's blocks and of malloc's heaps; 0 before their functions are loaded."""
    blocks = pymalloc.blocks_in_use()
    return sum(size * count for size, count in blocks.items()) + int(libc.in_use_bytes() or 0)

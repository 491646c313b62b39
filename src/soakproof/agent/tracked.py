"""What the collector tracks, without a hold on what another thread is building this moment.

A tuple that is made from an iterator is tracked before it is whole, and grows by `_PyTuple_Resize`, which refuses with
"SystemError: bad argument to internal function" once anybody else refers to it (CPython, bpo-15108). The thread that
builds it may have been interrupted anywhere, so no exact tuple may be in a list of ours when that thread goes on. Each
function here asks the collector and lets go within one call into C, where the interpreter switches no threads, and
with the collector off, whose callbacks would let it. Whole tuples are reached through who holds them.
"""

from __future__ import annotations

import gc
import operator
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, compress, repeat, starmap
from typing import Any


def objects() -> list[Any]:
    """Return all that the collector tracks, but for exact tuples."""
    found: list[Any] = []
    with collector_off():
        # Each comes three times from one iterator: to be kept, for its type, and lest the list come to hold itself.
        # `tee` would be found among what it has taken, hold itself, and all of the target with it.
        thrice = chain.from_iterable(map(repeat, _one_by_one(), repeat(3)))
        is_no_tuple = map(operator.is_not, map(type, thrice), repeat(tuple))
        is_another = map(operator.ne, map(id, thrice), repeat(id(found)))
        found.extend(compress(thrice, map(operator.and_, is_no_tuple, is_another)))
    return found


def ids() -> list[int]:
    """Return the ``id`` of all that the collector tracks, tuples included, in order."""
    with collector_off():
        return sorted(map(id, _one_by_one()))


def count() -> int:
    """Return how many objects the collector tracks, tuples included."""
    with collector_off():
        return sum(map(len, _all_at_once()))


def _all_at_once() -> Iterable[list[Any]]:
    """Return an iterator whose one step asks the collector: whoever takes the step is in C."""
    return starmap(gc.get_objects, [()])


def _one_by_one() -> Iterator[Any]:
    return chain.from_iterable(_all_at_once())


@contextmanager
def collector_off() -> Iterator[None]:
    """Switch the target's collector off for a moment, if it is on."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

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
from array import array
from itertools import chain, compress, repeat, starmap
from typing import Any, Callable, TypeVar

Answer = TypeVar("Answer")


def objects() -> list[Any]:
    """Return all that the collector tracks, but for exact tuples."""
    return _undisturbed(_objects)


def ids() -> list[int]:
    """Return the ``id`` of all that the collector tracks, tuples included, in order."""
    return _undisturbed(_ids)


def count() -> int:
    """Return how many objects the collector tracks, tuples included."""
    return _undisturbed(_count)


def _objects() -> list[Any]:
    # Each comes twice from one iterator: to be kept, and for its type. `tee` would be found among what it has taken,
    # hold itself, and all of the target with it; as the list does, until it is taken out. It is young, hence in front.
    # No generator: its cell would be among what is found, and keep the list.
    found: list[Any] = []
    every = chain.from_iterable(starmap(gc.get_objects, ((),)))
    twice = chain.from_iterable(map(repeat, every, repeat(2)))
    found.extend(compress(twice, map(operator.is_not, map(type, twice), repeat(tuple))))
    for at, each in enumerate(found):
        if each is found:
            del found[at]
            break
    return found


def _ids() -> list[int]:
    # Its own iterators are left out: they are gone soon, and what comes in their place would be taken for them. An
    # array, other than a set or a list, is not tracked itself.
    calls = iter(((),))
    lists = starmap(gc.get_objects, calls)
    every = chain.from_iterable(lists)
    numbers = map(id, every)
    found = array("Q", numbers)
    return sorted(set(found).difference(map(id, (calls, lists, every, numbers))))


def _count() -> int:
    return sum(map(len, starmap(gc.get_objects, ((),))))


def _undisturbed(look: Callable[[], Answer]) -> Answer:
    """Look while the target's collector, if it is on, is off for a moment."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return look()
    finally:
        if was_on:
            gc.enable()

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
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import chain, compress, repeat, starmap
from typing import Any, Callable, TypeVar

Answer = TypeVar("Answer")


def objects(passed_over: frozenset[int] = frozenset()) -> list[Any]:
    """Return all that the collector tracks, but for exact tuples, and for types whose ``id`` is passed over."""
    return undisturbed(partial(_objects, passed_over | {id(tuple)}))


def ids() -> list[int]:
    """Return the ``id`` of all that the collector tracks, tuples included, in order."""
    return undisturbed(_ids)


def count_types() -> dict[int, int]:
    """Return how many objects of each type, by its ``id``, the collector tracks, tuples included; in a plain dict.

    A Counter would be found as a container of the target's by whoever looks next.
    """
    return undisturbed(_count_types)


def count() -> int:
    """Return how many objects the collector tracks, tuples included."""
    return undisturbed(_count)


def _objects(passed_over: frozenset[int]) -> list[Any]:
    found: list[Any] = []
    found.extend(chain(_young(passed_over), _old(passed_over)))
    for at, each in enumerate(found):
        if each is found:  # it would hold itself, and all of the target with it; it is young, hence in front
            del found[at]
            break
    return found


# No generators below: a cell of theirs would be among what is found, and keep the list.


def _young(passed_over: frozenset[int]) -> Iterator[Any]:
    """Iterate over the younger generations; each thing comes twice from one iterator, to be kept and for its type.

    `tee` would be found among what it has taken, and hold it.
    """
    every = chain.from_iterable(starmap(gc.get_objects, ((0,), (1,))))
    twice = chain.from_iterable(map(repeat, every, repeat(2)))
    return compress(twice, map(operator.not_, map(passed_over.__contains__, map(id, map(type, twice)))))


def _old(passed_over: frozenset[int]) -> Iterator[Any]:
    """Iterate over the oldest generation, which most belong to: over two lists, equal to each other and no part of it.

    There is one thing more than there are types, so that it is the types that end it: both lists are gone then.
    """
    things = chain.from_iterable(starmap(gc.get_objects, ((2,),)))
    types = map(type, chain.from_iterable(starmap(gc.get_objects, ((2,),))))
    return compress(chain(things, (None,)), map(operator.not_, map(passed_over.__contains__, map(id, types))))


def _ids() -> list[int]:
    # Its own iterators are left out: they are gone soon, and what comes in their place would be taken for them. An
    # array, other than a set or a list, is not tracked itself.
    calls = iter(((),))
    lists = starmap(gc.get_objects, calls)
    every = chain.from_iterable(lists)
    numbers = map(id, every)
    found = array("Q", numbers)
    return sorted(set(found).difference(map(id, (calls, lists, every, numbers))))


def _count_types() -> dict[int, int]:
    return dict(Counter(map(id, map(type, chain.from_iterable(starmap(gc.get_objects, ((),)))))))


def _count() -> int:
    return sum(map(len, starmap(gc.get_objects, ((),))))


def undisturbed(look: Callable[[], Answer]) -> Answer:
    """Return what ``look`` returns, called while the target's collector, if it is on, is off for a moment."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return look()
    finally:
        if was_on:
            gc.enable()

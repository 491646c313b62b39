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
import sys
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, compress, repeat, starmap, tee
from typing import Any, Callable, TypeVar

Answer = TypeVar("Answer")
Steps = Iterable[Callable[[Any], Any]]  # of C alone, from the ``id`` of a thing's type to whether the thing is wanted
MOST = sys.maxsize


def objects(passed_over: frozenset[int] = frozenset()) -> list[Any]:
    """Return all that the collector tracks, but for exact tuples, and for types whose ``id`` is passed over."""
    return undisturbed(partial(_objects, passed_over | {id(tuple)}))


def ids() -> list[int]:
    """Return the ``id`` of all that the collector tracks, tuples included, in order."""
    return undisturbed(_ids)


def find_and_count(passed_over: frozenset[int]) -> tuple[list[Any], dict[int, int]]:
    """Return all that the collector tracks but for exact tuples and lists, and for types whose ``id`` is passed over.

    And how many there are, tuples included, of each type that is not among the first, by its ``id``. Looked at once,
    since it is to fetch so many objects from memory that takes the time.
    """
    return undisturbed(partial(_find_and_count, passed_over | {id(tuple), id(list)}))


def count() -> int:
    """Return how many objects the collector tracks, tuples included."""
    return undisturbed(_count)


def _objects(passed_over: frozenset[int]) -> list[Any]:
    found = _choose((passed_over.__contains__, operator.not_))
    _drop(found, {id(found)})  # it would hold itself, and all of the target with it
    return found


def _find_and_count(passed_over: frozenset[int]) -> tuple[list[Any], dict[int, int]]:
    """Choose by iterators, one for each type: those of types to be passed over say no, and know how often they did."""
    counting = {key: repeat(0, MOST) for key in passed_over}
    chosen = repeat(1)
    iterator_of: defaultdict[int, Iterator[int]] = defaultdict(repeat(chosen).__next__, counting)
    found = _choose((iterator_of.__getitem__, next))
    _drop(found, {id(iterator_of), id(chosen), *map(id, counting.values())})
    return found, {key: MOST - operator.length_hint(each) for key, each in counting.items()}


def _choose(steps: Steps) -> list[Any]:
    found: list[Any] = []
    found.extend(_young(steps))
    found.extend(_old(steps))
    return found


def _drop(found: list[Any], own: set[int]) -> None:
    """Remove what is the look's own; it is young, hence in front."""
    at = 0
    while own and at < len(found):
        if id(found[at]) in own:
            own.remove(id(found[at]))
            del found[at]
        else:
            at += 1


# No generators below: a cell of theirs would be among what is found, and keep the list.


def _young(steps: Steps) -> Iterator[Any]:
    """Iterate over the younger generations; each thing comes twice from one iterator, to be kept and for its type.

    `tee` would be found among what it has taken, and hold it.
    """
    every = chain.from_iterable(starmap(gc.get_objects, ((0,), (1,))))
    twice = chain.from_iterable(map(repeat, every, repeat(2)))
    wanted: Iterator[Any] = twice
    for step in (type, id, *steps):
        wanted = map(step, wanted)
    return compress(twice, wanted)


def _old(steps: Steps) -> Iterator[Any]:
    """Iterate over the oldest generation, which most belong to: over one list, which is no part of it, and comes twice.

    The iterators are too young to be found, but for those who look for the young: there are none yet, then.
    """
    kept, typed = tee(starmap(gc.get_objects, ((2,),)))
    wanted: Iterator[Any] = typed
    for step in (type, id, *steps):
        wanted = map(partial(map, step), wanted)
    return chain.from_iterable(map(compress, kept, wanted))


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


def undisturbed(look: Callable[[], Answer]) -> Answer:
    """Return what ``look`` returns, called while the target's collector, if it is on, is off for a moment."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return look()
    finally:
        if was_on:
            gc.enable()

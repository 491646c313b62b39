"""Which objects came in a stretch of time, and whether anything but the running test holds them."""

from __future__ import annotations

import gc
import inspect
import types
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from soakproof.agent.origin import modulenames, sourcelines

MOST_LEVELS = 12
PLAIN = frozenset({list, dict, set})
MOST_REFERRERS = 5000
FRAME_OF: dict[type, Callable[[Any], FrameType | None]] = {
    types.CoroutineType: lambda thing: thing.cr_frame,
    types.GeneratorType: lambda thing: thing.gi_frame,
    types.AsyncGeneratorType: lambda thing: thing.ag_frame,
}


class Newcomers:
    """The objects that came since it was made, until `close` is called.

    Addresses are used again, and tell nothing. What the collector is told to leave alone is not among its objects, so
    that those are the new ones, exactly; where the tests have it leave objects alone already, nothing is told apart.
    """

    def __init__(self) -> None:
        self._is_possible = not gc.get_freeze_count()
        self._ids: frozenset[int] | None = None
        if self._is_possible:
            gc.freeze()

    def close(self) -> None:
        """Note which there are, and have the collector look at all again; more calls change nothing."""
        if self._is_possible and self._ids is None:
            self._ids = frozenset(map(id, gc.get_objects()))
            gc.unfreeze()

    def __contains__(self, thing: object) -> bool:
        return self._ids is not None and id(thing) in self._ids


def stack_names() -> Iterator[str]:
    """Yield ``module:function`` for whatever runs in this thread: the test, and what called it."""
    for frame in stack():
        yield f"{modulenames.name_of(frame.f_globals)}:{frame.f_code.co_qualname}"


def stack() -> Iterator[FrameType]:
    """Yield the frames that run in this thread, innermost first."""
    frame = inspect.currentframe()
    while frame is not None:
        yield frame
        frame = frame.f_back


def own_containers() -> Iterator[Any]:
    """Yield the lists, dicts and sets that the test keeps in its variables, and until Python 3.13 these themselves."""
    for frame in stack():
        if sourcelines.is_application_file(frame.f_code.co_filename):
            variables = frame.f_locals
            yield from (value for value in [variables, *variables.values()] if type(value) in PLAIN)


def is_held(came: list[Any], newcomers: Newcomers, apart_from: set[int]) -> bool:
    """Whether what came is held, over a few steps, by what was there before and is not the test.

    ``apart_from``: the ids of whoever asks, who holds it too.
    """
    passed_over = {*apart_from, id(came), *(id(frame) for frame in stack()), *map(id, own_containers())}
    level = came
    for _ in range(MOST_LEVELS):
        asked = tuple(level)  # which from Python 3.14 on is among those that refer to what is in it
        passed_over.update([id(asked), *map(id, level)])
        above = [each for each in gc.get_referrers(*asked) if id(each) not in passed_over]
        above = [each for each in above if each is not level and not runs_in(each, passed_over)]
        if not above:
            return False
        if len(above) > MOST_REFERRERS or any(each not in newcomers for each in above):
            return True
        level = above
    return True


def runs_in(thing: Any, frames: set[int]) -> bool:
    """Whether it is a coroutine or a generator that runs now, whose frame is on the stack, or such a frame."""
    frame = FRAME_OF[type(thing)](thing) if type(thing) in FRAME_OF else thing
    return id(frame) in frames

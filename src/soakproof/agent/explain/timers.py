"""What a pending timer holds: calls that an event loop is to make later, and tasks that sleep before they go on.

State that only such a timer will drop is there until then, and nobody forgot it. A task that sleeps within a loop, or a
call that asks for itself again, comes round for ever, and is no such timer.
"""

from __future__ import annotations

import dis
import functools
import gc
import sys
import time
import types
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple, Optional

from ..census import localvariables
from ..objects import instances, kinds
from ..objects.liveobjects import LiveObjects
from ..process import counts
from . import retainernotes

MOST_TIMERS = 5000
NEARLY_ALL = 0.9
SHORTEST_TEXT = 6  # shorter ones are known to many by chance
DIGITS = 2
_HANDLES = ("asyncio.events:TimerHandle", "uvloop.loop:TimerHandle")
_OPENED = (tuple, types.MethodType, types.BuiltinFunctionType, types.CellType, functools.partial)


class Timer(NamedTuple):
    """Something that is to happen in so many seconds: what it is, and what it knows until then."""

    after_s: float
    by: str
    knows: list[Any]


class Timers:
    """The timers that are pending, by what each alone knows."""

    def __init__(self, live: LiveObjects) -> None:
        found = [*sleeping_tasks(live), *later_calls(live)]
        known = Counter(key for timer in found for key in {key_of(thing) for thing in timer.knows})
        self._by_key = {
            key: timer
            for timer in found
            for key in map(key_of, timer.knows)
            if key is not None and known[key] <= max(1, len(found) // 2)
        }

    def holding(self, things: Iterable[tuple[Any, ...]]) -> Optional[dict[str, Any]]:
        """Return the timer that holds nearly all of some things, by any part of each; None where there is none."""
        every = list(things)
        timers = [timer for parts in every if (timer := self._timer_of(parts)) is not None]
        if not timers or len(timers) < NEARLY_ALL * len(every):
            return None
        by = Counter(timer.by for timer in timers).most_common(1)[0][0]
        return {"after_s": round_up(max(timer.after_s for timer in timers)), "by": by}

    def _timer_of(self, parts: tuple[Any, ...]) -> Optional[Timer]:
        return next((self._by_key[key] for key in map(key_of, parts) if key in self._by_key), None)


def key_of(thing: Any) -> Any:
    """Return what tells a thing from others: a text by itself, an object by where it is, None what says nothing."""
    if type(thing) is str:
        return thing if len(thing) >= SHORTEST_TEXT else None
    return id(thing) if gc.is_tracked(thing) or kinds.kind_of_type(type(thing)) == kinds.INSTANCE else None


def sleeping_tasks(live: LiveObjects) -> list[Timer]:
    """Return the tasks that sleep, and go on only once."""
    sleep = getattr(getattr(sys.modules.get("asyncio.tasks"), "sleep", None), "__code__", None)
    found = []
    for task in list(counts.tasks_in(live))[-MOST_TIMERS:]:
        awaited = retainernotes.awaited_by(counts.coroutine_of(task))
        if not awaited or localvariables.code_of(awaited[-1]) is not sleep or any(map(comes_round, awaited[:-1])):
            continue
        delay_s = dict(localvariables.named_locals(awaited[-1])).get("delay")
        if isinstance(delay_s, (int, float)):
            knows = [task, *(held for each in awaited for held in localvariables.held_by(each))]
            found.append(Timer(float(delay_s), f"the task {counts.task_name(task)}", knows))
    return found


def comes_round(execution: Any) -> bool:
    """Tell whether code that waits stands within a loop: some later instruction jumps back to before it."""
    frame = localvariables.frame_of(execution)
    if frame is None:
        return False
    at = frame.f_lasti
    return any(
        each.offset > at and each.opcode in _JUMPS and type(each.argval) is int and each.argval <= at
        for each in dis.get_instructions(frame.f_code)
    )


# An `await` jumps back by itself, with no interrupt, until what it waits for is done.
_JUMPS = frozenset(code for code in [*dis.hasjrel, *dis.hasjabs] if "NO_INTERRUPT" not in dis.opname[code])


def later_calls(live: LiveObjects) -> list[Timer]:
    """Return the calls that are to be made later, those left out that end a sleep, or ask for themselves again."""
    found = []
    for key, things in live.groups.items():
        if kinds.name_of_type(live.types[key]) not in _HANDLES:
            continue
        for handle in things[-MOST_TIMERS:]:
            knows = open_up([handle])
            callback = next((each for each in knows if is_callback(each)), None)
            when_s = when_of(handle)
            if callback is not None and when_s is not None and not is_of_loops(callback):
                called = f"a call of {retainernotes.say_callable(callback)} (call_later, call_at)"
                found.append(Timer(when_s - time.monotonic(), called, knows))
    return found


def open_up(level: list[Any], levels: int = 3) -> list[Any]:
    """Return things with what their tuples, methods, partials and closures refer to."""
    found = list(level)
    for _ in range(levels):
        level = [held for thing in level for held in gc.get_referents(thing) if not isinstance(held, types.ModuleType)]
        found.extend(level)
        level = [each for each in level if type(each) in _OPENED or type(each) is types.FunctionType]
        level = [*(each for each in level if type(each) is not types.FunctionType), *cells_of(level)]
    return found


def cells_of(level: list[Any]) -> list[Any]:
    """Return the closures of the functions among some things; their globals are everybody's."""
    return [cell for each in level if type(each) is types.FunctionType for cell in each.__closure__ or ()]


def is_callback(thing: Any) -> bool:
    """Tell whether it is something that is called."""
    return type(thing) in (types.FunctionType, types.MethodType, types.BuiltinFunctionType, functools.partial)


def is_of_loops(callback: Any) -> bool:
    """Tell whether a call ends somebody's sleep, or asks to be made again."""
    function = getattr(callback, "__func__", callback) if type(callback) is types.MethodType else callback
    if type(function) is not types.FunctionType:
        return False
    return function.__module__.startswith("asyncio.") or not {"call_later", "call_at"}.isdisjoint(
        function.__code__.co_names
    )


def when_of(handle: Any) -> Optional[float]:
    """Return when a call is to be made, by the loop's clock; None of one that was cancelled."""
    of = type(handle)
    if kinds.name_of_type(of) == _HANDLES[0]:
        try:
            is_cancelled, when_s = instances.attribute(handle, "_cancelled"), instances.attribute(handle, "_when")
        except AttributeError:
            return None
    else:  # of uvloop, which is C and makes its handles whole
        is_cancelled, when_s = of.cancelled(handle), of.when(handle)
    return float(when_s) if type(when_s) in (int, float) and not is_cancelled else None


def round_up(seconds: float) -> float:
    """Return a time by the digits that are known of it: a call was asked for a little before it is looked at."""
    step = 10.0 ** max(len(str(int(seconds))) - DIGITS, 0)
    return -(-seconds // step) * step

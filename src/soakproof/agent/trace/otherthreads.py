"""Gives threads that run already a trace function, on Python 3.9 to 3.11: `sys.settrace` serves its own thread alone.

From 3.12 on `sys.monitoring` sees all threads, and CPython has a function of its own for trace functions
(``PyEval_SetTraceAllThreads``). Before, ``_PyEval_SetTrace`` does it for any thread, given the C function that calls
Python's trace functions. That one has no name outside; so it is read off this thread's state, next to a trace function
set for a moment. Whoever has a trace function (a debugger, coverage) keeps it.

A thread may end whenever Python switches threads, and its state is freed then. So all states are looked at, and set, in
one call into C, within which Python switches none (ADR 58).
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from functools import partial
from itertools import accumulate, chain, compress, repeat, takewhile
from operator import add, attrgetter, eq
from typing import Any, NamedTuple, Optional

from ..objects.tracked import undisturbed

HELD_SWITCH_INTERVAL_S = 10.0  # a hook on audit events that the target has runs at each thread: none may end meanwhile
_WORD = ctypes.sizeof(ctypes.c_void_p)
_WORDS = 24  # of a thread state are looked at: its trace function stands among the first, and it is longer than that
_BEFORE = 2  # c_profilefunc, c_tracefunc, c_profileobj, c_traceobj


class Layout(NamedTuple):
    """Where a thread state keeps its trace function, in words, and the C function that calls it."""

    at: int
    caller: int


def set_trace_elsewhere(function: Any) -> int:
    """Give ``function`` to every other thread that has no trace function; return how many there were."""
    return _exchange(function, 0, is_wanted=True)


def end_trace_elsewhere(function: Any) -> int:
    """Take it from every other thread that has it."""
    return _exchange(function, id(function), is_wanted=False)


def _exchange(function: Any, expected: int, *, is_wanted: bool) -> int:
    if sys.version_info >= (3, 12) or sys.implementation.name != "cpython":
        return 0
    layout = find_layout()
    if layout is None:
        return 0
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(HELD_SWITCH_INTERVAL_S)
    try:
        states = states_that_have(expected, layout.at, other_states())
        wanted = (layout.caller, function) if is_wanted else (None, None)
        return len(undisturbed(partial(list, map(trace_setter(is_wanted=is_wanted), states, *map(repeat, wanted)))))
    finally:
        sys.setswitchinterval(interval_s)


def find_layout() -> Optional[Layout]:
    """Find out where the trace function stands, by setting one here and none again; None where that does not show.

    It is one that does nothing: it is called meanwhile, and the one in question may take itself away when called.
    """
    own = own_state()
    if sys.gettrace() is not None:
        return None
    sys.settrace(see_nothing)
    try:
        words = [word(own, at) for at in range(_WORDS)]
    finally:
        sys.settrace(None)
    at = words.index(id(see_nothing)) if id(see_nothing) in words else 0
    if at < _BEFORE or not words[at - _BEFORE] or word(own, at) or word(own, at - _BEFORE):
        return None
    return Layout(at, words[at - _BEFORE])


def see_nothing(_frame: Any, _event: str, _argument: Any) -> None:
    """Trace nothing."""


# No generators below, and no functions of Python's: between two of their bytecodes a thread may end.


def other_states() -> Iterator[int]:
    """Iterate over the addresses of the other threads' states."""
    api = ctypes.pythonapi
    api.PyThreadState_GetInterpreter.argtypes = api.PyInterpreterState_ThreadHead.argtypes = (ctypes.c_void_p,)
    api.PyThreadState_Next.argtypes = (ctypes.c_void_p,)
    for each in (api.PyThreadState_GetInterpreter, api.PyInterpreterState_ThreadHead, api.PyThreadState_Next):
        each.restype = ctypes.c_void_p
    own = own_state()
    heads = map(api.PyInterpreterState_ThreadHead, (api.PyThreadState_GetInterpreter(own),))
    states = accumulate(chain(heads, repeat(0)), api.PyThreadState_Next)  # a C function takes no notice of the 0
    return filter(own.__ne__, takewhile(bool, states))


def states_that_have(expected: int, at: int, states: Iterator[int]) -> Iterator[int]:
    """Iterate over those states of which a word is as expected; each comes twice, to be passed on and to be asked."""
    twice = chain.from_iterable(map(repeat, states, repeat(2)))
    words = map(ctypes.c_size_t.from_address, map(add, twice, repeat(at * _WORD)))
    return compress(twice, map(eq, map(attrgetter("value"), words), repeat(expected)))


def trace_setter(*, is_wanted: bool) -> Any:
    """Return CPython's function that sets the trace function of a state, or the one that takes it away."""
    last: Any = ctypes.py_object if is_wanted else ctypes.c_void_p
    kind = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, last)
    return kind(("_PyEval_SetTrace", ctypes.pythonapi))


def own_state() -> int:
    """Return the address of this thread's state."""
    get = ctypes.pythonapi.PyThreadState_Get
    get.argtypes, get.restype = (), ctypes.c_void_p
    return int(get())


def word(state: int, at: int) -> int:
    """Return one word of a thread state."""
    return ctypes.c_size_t.from_address(state + at * _WORD).value

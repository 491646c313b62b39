"""Gives threads that run already a trace function, on Python 3.9 to 3.11: `sys.settrace` serves its own thread alone.

From 3.12 on `sys.monitoring` sees all threads. Before, CPython's own ``_PyEval_SetTrace`` does it for any thread, given
the C function that calls Python's trace functions. That one has no name outside; so it is read off this thread's
state, next to a trace function set for a moment. Whoever has a trace function (a debugger, coverage) keeps it.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple, Optional

HELD_SWITCH_INTERVAL_S = 10.0
_WORD = ctypes.sizeof(ctypes.c_void_p)
_WORDS = 24  # of a thread state are looked at: its trace function stands among the first, and it is longer than that
_BEFORE = 2  # c_profilefunc, c_tracefunc, c_profileobj, c_traceobj


class Layout(NamedTuple):
    """Where a thread state keeps its trace function, in words, and the C function that calls it."""

    at: int
    caller: int


def set_trace_elsewhere(function: Any) -> int:
    """Give ``function`` to every other thread that has no trace function; return how many there were."""
    return _exchange(function, 0, id(function))


def end_trace_elsewhere(function: Any) -> int:
    """Take it from every other thread that has it."""
    return _exchange(function, id(function), 0)


def _exchange(function: Any, expected: int, wanted: int) -> int:
    if sys.version_info >= (3, 12) or sys.implementation.name != "cpython":
        return 0
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(HELD_SWITCH_INTERVAL_S)  # no thread may end while its state is looked at
    try:
        layout = find_layout(function)
        states = [each for each in other_states() if layout and word(each, layout.at) == expected]
        for state in states:
            set_trace(state, function if wanted else None, layout)
    finally:
        sys.setswitchinterval(interval_s)
    return len(states)


def find_layout(function: Any) -> Optional[Layout]:
    """Find out where the trace function stands, by setting one here."""
    own, before = own_state(), sys.gettrace()
    sys.settrace(function)
    try:
        words = [word(own, at) for at in range(_WORDS)]
    finally:
        sys.settrace(before)
    at = words.index(id(function)) if id(function) in words else 0
    caller = words[at - _BEFORE] if at > _BEFORE else 0
    return Layout(at, caller) if caller else None


def set_trace(state: int, function: Any, layout: Optional[Layout]) -> None:
    """Set the trace function of a thread, or none."""
    call = ctypes.pythonapi._PyEval_SetTrace
    call.argtypes, call.restype = (ctypes.c_void_p, ctypes.c_void_p, ctypes.py_object), ctypes.c_int
    if function is None or layout is None:
        call.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
        call(state, None, None)
    else:
        call(state, layout.caller, function)


def own_state() -> int:
    """Return the address of this thread's state."""
    get = ctypes.pythonapi.PyThreadState_Get
    get.argtypes, get.restype = (), ctypes.c_void_p
    return int(get())


def other_states() -> Iterator[int]:
    """Yield the addresses of the other threads' states."""
    api = ctypes.pythonapi
    api.PyThreadState_GetInterpreter.argtypes = api.PyInterpreterState_ThreadHead.argtypes = (ctypes.c_void_p,)
    api.PyThreadState_Next.argtypes = (ctypes.c_void_p,)
    for each in (api.PyThreadState_GetInterpreter, api.PyInterpreterState_ThreadHead, api.PyThreadState_Next):
        each.restype = ctypes.c_void_p
    own = own_state()
    state = api.PyInterpreterState_ThreadHead(api.PyThreadState_GetInterpreter(own))
    while state:
        if state != own:
            yield state
        state = api.PyThreadState_Next(state)


def word(state: int, at: int) -> int:
    """Return one word of a thread state."""
    return ctypes.c_size_t.from_address(state + at * _WORD).value

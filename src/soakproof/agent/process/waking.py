"""Wakes the target's threads where they sleep: the clock that they sleep by was moved (docs/adr/0150).

A sleep, a wait and a turn of a loop all begin with a look at the clock, and are blocked in the kernel until then. A
signal interrupts them, Python looks at the clock again, and waits for what is left by it, if anything is. The signal
is one that the process has no use for, and its handler a function of the C library that does nothing.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
from typing import Any, Optional

from .. import unpatched
from . import foreign, subinterpreters

NOTHING = "abs"  # takes a number, as handlers do, and touches nothing
STATUS = "/proc/self/status"


class Waking:
    """Sends a signal to each of the target's threads; the first time it is used it chooses which."""

    def __init__(self) -> None:
        self._signal: Optional[int] = None

    def wake(self) -> int:
        """Wake every thread that runs Python, and return how many; none where it cannot be done."""
        number = self._signal or self._prepare()
        if number is None:
            return 0
        own = unpatched.get_ident()
        others = [ident for ident in subinterpreters.current_frames() if ident != own]
        for ident in others:  # they live as long as their frames do, and none can end while this thread has the GIL
            unpatched.pthread_kill(ident, number)
        return len(others)

    def _prepare(self) -> Optional[int]:
        """Have the highest signal that nobody uses interrupt whoever it is sent to, and do nothing else."""
        ctypes = foreign.load()
        number = find_unused() if ctypes is not None else None
        if number is None:
            return None
        library: Any = ctypes.CDLL(None)  # type: ignore[union-attr]
        library.signal.argtypes, library.signal.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_void_p  # type: ignore[union-attr]
        library.signal(number, ctypes.cast(getattr(library, NOTHING), ctypes.c_void_p))  # type: ignore[union-attr]
        _signal.siginterrupt(number, True)  # noqa: FBT003 -- it takes no name
        self._signal = number
        return number


def find_unused() -> Optional[int]:
    """Return the highest real-time signal that the process neither catches nor ignores."""
    with open(STATUS, "rb") as file:  # noqa: PTH123 -- pathlib is a module more to load in the target
        fields = dict(line.split(b":", 1) for line in file if b":" in line)
    used = int(fields.get(b"SigCgt", b"0"), 16) | int(fields.get(b"SigIgn", b"0"), 16)
    free = (number for number in range(_signal.SIGRTMAX, _signal.SIGRTMIN, -1) if not used >> (number - 1) & 1)
    return next(free, None)

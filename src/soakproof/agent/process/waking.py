"""Wakes the target's threads where they sleep: the clock that they sleep by was moved (docs/adr/0150).

A sleep, a wait and a turn of a loop all begin with a look at the clock, and are blocked in the kernel until then. A
signal interrupts them, Python looks at the clock again, and waits for what is left by it, if anything is. The signal
is one that the process has no use for, and its handler a function of the C library that does nothing.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import os
import time
from typing import Any, Optional

from .. import unpatched
from . import foreign

NOTHING = "abs"  # takes a number, as handlers do, and touches nothing
STATUS = "/proc/self/status"
TASKS = "/proc/self/task"
OFTEN_S = 0.002


class Waking:
    """Sends a signal to each of the target's threads; the first time it is used it chooses which.

    By the system's own numbers of threads, not by Python's: a thread may end at any moment, and to send a signal to a
    ``pthread_t`` that is no more ends the process.
    """

    def __init__(self) -> None:
        self._signal: Optional[int] = None
        self._send: Any = None

    def wake(self) -> int:
        """Wake every thread but this one, and return how many; none where it cannot be done."""
        number = self._signal or self._prepare()
        if number is None:
            return 0
        pid, own = os.getpid(), unpatched.get_native_id()
        others = [int(entry) for entry in os.listdir(TASKS) if int(entry) != own]  # noqa: PTH208 -- no pathlib
        return sum(self._send(pid, thread, number) == 0 for thread in others)

    def wait(self, seconds: float) -> None:
        """Wait, and wake the others all the time: as if each slept for as long as it asked for."""
        for _ in range(int(seconds / OFTEN_S)):
            time.sleep(OFTEN_S)
            self.wake()

    def _prepare(self) -> Optional[int]:
        """Have the highest signal that nobody uses interrupt whoever it is sent to, and do nothing else."""
        ctypes = foreign.load()
        number = find_unused() if ctypes is not None else None
        if ctypes is None or number is None:
            return None
        library: Any = ctypes.CDLL(None)
        try:
            self._send = library.tgkill  # of glibc from 2.30 on
        except AttributeError:
            return None
        library.signal.argtypes, library.signal.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_void_p
        library.signal(number, ctypes.cast(getattr(library, NOTHING), ctypes.c_void_p))
        _signal.siginterrupt(number, True)  # noqa: FBT003 -- it takes no name
        # All are blocked in the thread of the agent, and in those begun from it: the one of a sweep is to be awakened.
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, (number,))
        self._signal = number
        return number


def find_unused() -> Optional[int]:
    """Return the highest real-time signal that the process neither catches nor ignores."""
    with open(STATUS, "rb") as file:  # noqa: PTH123 -- pathlib is a module more to load in the target
        fields = dict(line.split(b":", 1) for line in file if b":" in line)
    used = int(fields.get(b"SigCgt", b"0"), 16) | int(fields.get(b"SigIgn", b"0"), 16)
    free = (number for number in range(_signal.SIGRTMAX, _signal.SIGRTMIN, -1) if not used >> (number - 1) & 1)
    return next(free, None)

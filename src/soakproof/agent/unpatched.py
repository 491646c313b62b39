"""The operating system's primitives as they were before the target could replace them.

gevent and eventlet put cooperative versions in the place of threads, locks, sockets and poll. The agent's thread is a
native one and must never enter their hub, so everything it blocks on is taken here, when the process starts. A server
that starts the agent by hand, after patching, gets the originals back from gevent's own record of them.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _socket
import _thread
import os
import select
import sys
from functools import partial
from typing import Any


def _original(module: Any, name: str) -> Any:
    """Return ``module.name`` as it was before gevent patched it, or as it is."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None:
        return getattr(module, name)
    return monkey.get_original(module.__name__, name)


stack_size = _thread.stack_size
_FAULTS = (4, 5, 6, 7, 8, 11, 31)  # ILL, TRAP, ABRT, BUS, FPE, SEGV, SYS: they come to the thread that makes them
block_signals = partial(_signal.pthread_sigmask, _signal.SIG_BLOCK, _signal.valid_signals().difference(_FAULTS))
start_new_thread = _original(_thread, "start_new_thread")
allocate_lock = _original(_thread, "allocate_lock")
get_ident = _original(_thread, "get_ident")
get_native_id = _thread.get_native_id
thread_local = _original(_thread, "_local")
poll = _original(select, "poll")
socket = _socket.socket
POLLIN, POLLOUT = select.POLLIN, select.POLLOUT
read, write, close = os.read, os.write, os.close


def true_seconds() -> float:
    """Return seconds by a clock that nobody moves, to a hundredth: the target's own may leap, or run fast."""
    return os.times().elapsed

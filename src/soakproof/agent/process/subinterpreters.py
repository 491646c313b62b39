"""Other interpreters of the same process: what the agent must leave alone for their sake.

From Python 3.12 on each may have a lock of its own and works while this one does. Until 3.14 minded that,
`tracemalloc` wrote its tables, and `sys._current_frames` made objects of the others' frames, under this one's lock
alone: the process ends of a heap that is written by two.
"""

from __future__ import annotations

import importlib
import sys
from types import FrameType

_UNSAFE = ((3, 12), (3, 13))
_MODULES = ("_interpreters", "_xxsubinterpreters")


def are_endangered() -> bool:
    """Tell whether reading frames or tracing allocations may end the process."""
    return sys.version_info[:2] in _UNSAFE and count_others() > 0


def count_others() -> int:
    """Return how many interpreters there are beside this one, 0 where Python cannot say."""
    for name in _MODULES:
        try:
            return len(importlib.import_module(name).list_all()) - 1
        except (ImportError, AttributeError):
            pass
    return 0


def current_frames() -> dict[int, FrameType]:
    """Return the frame that each thread stands in, by its identifier; none where asking may end the process."""
    return {} if are_endangered() else sys._current_frames()

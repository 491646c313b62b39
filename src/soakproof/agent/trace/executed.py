"""Which of the application's functions have run since a mark, read off what running leaves in their code.

From Python 3.11 on the interpreter specialises the instructions of a function that runs (PEP 659): in 3.11 from its
eighth call on, later from the first. So nothing has to be watched, and the target is as fast as without.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any, Optional

from ..origin import sourcelines, stacks
from ..process.engines import Engines
from .eventhandlers import handlers_of
from .linetracer import codes_in_memory

_MODULE_LEVEL = "<module>"


class Executed:
    """Remembers at a mark what the code of the application's functions looks like, and compares."""

    def __init__(self) -> None:
        self._marked: dict[int, int] = {}

    def mark(self) -> None:
        """Remember this moment."""
        self._marked = {id(code): state_of(code) for code in application_codes()}

    def count(self, engines: Engines) -> dict[str, Any]:
        """Return how many functions the application has, how many of them have run, and for which events it has some.

        Of one that came after the mark nothing is known, so it counts for neither. Both are 0 where Python does not
        show it: before 3.11.
        """
        known = [(self._marked[id(code)], state_of(code)) for code in application_codes() if id(code) in self._marked]
        return {
            "functions": len(known),
            "ran": sum(before != now for before, now in known),
            "events": sorted({event for event, _ in handlers_of(engines)}),
        }


def application_codes() -> Iterator[types.CodeType]:
    """Yield the code of the application's functions that wait to be called: none that runs on, as ``main`` does."""
    if sys.version_info < (3, 11):
        return
    running = {id(frame.f_code) for frame in stacks.running_frames()}
    for code in codes_in_memory():
        if id(code) not in running and code.co_name != _MODULE_LEVEL and is_served(code):
            yield code


def is_served(code: types.CodeType) -> bool:
    """Tell whether code is the application's."""
    return sourcelines.is_application_file(code.co_filename)


def state_of(code: types.CodeType) -> int:
    """Return a number that changes when the code runs: a hash of its instructions as they are specialised now."""
    adaptive: Optional[bytes] = getattr(code, "_co_code_adaptive", None)
    return hash(adaptive)

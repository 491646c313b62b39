"""What `gc.freeze` has put out of the collector's sight: its lists leave it out, and only references lead to it.

Servers that are to be forked freeze what they have loaded, so that counts of the collector do not copy its pages. The
walk begins at the modules: what is being built this moment, and must not be held, no module leads to.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from typing import Any, Callable

FROZEN_BY_PYTHON = 1000  # a few hundred objects of its own, from 3.12 on
MOST_OBJECTS = 2_000_000
AT_ONCE = 1000


def is_frozen() -> bool:
    """Tell whether the target has frozen objects out of the collector's sight."""
    return gc.get_freeze_count() > FROZEN_BY_PYTHON


def find_frozen(is_wanted: Callable[[type], bool]) -> list[Any]:
    """Return the objects of wanted types that modules lead to, however far."""
    answers: dict[int, bool] = {}
    return [each for each in reach([sys.modules]) if _asks(answers, type(each), is_wanted)]


def reach(first: list[Any]) -> Iterator[Any]:
    """Yield all that the collector may track and these things lead to, each once, `MOST_OBJECTS` at most."""
    seen: set[int] = set()
    ahead = first
    while ahead and len(seen) < MOST_OBJECTS:
        now, ahead = ahead[-AT_ONCE:], ahead[:-AT_ONCE]
        for thing in filter(gc.is_tracked, gc.get_referents(*now)):
            if id(thing) not in seen:
                seen.add(id(thing))
                ahead.append(thing)
                yield thing


def _asks(answers: dict[int, bool], of: type, is_wanted: Callable[[type], bool]) -> bool:
    if id(of) not in answers:
        answers[id(of)] = is_wanted(of)
    return answers[id(of)]

"""Which container holds the object that holds a container: ``ROOMS`` for the ``members`` of each room in it.

A container of an instance is named after the instance's class; this is how it is known all the same that it is part of
what another container keeps.
"""

from __future__ import annotations

import gc
import types
from typing import Any, Optional

MOST_LEVELS = 3  # a container, its instance's attributes, the instance, the container that holds that
MOST_HOLDERS = 8
_PASSED_OVER = (types.FrameType, types.ModuleType, types.FunctionType, type, list, tuple)


def find_enclosure(container: Any, paths: dict[int, str]) -> Optional[str]:
    """Return the path of the nearest container known in ``paths`` (by id) that keeps this one alive, else None."""
    level = [container]
    seen = {id(container), id(level)}
    for _ in range(MOST_LEVELS):
        holders = [each for each in gc.get_referrers(*level) if id(each) not in seen]
        for holder in holders:
            if id(holder) in paths:
                return paths[id(holder)]
        level = [each for each in holders if not isinstance(each, _PASSED_OVER)][:MOST_HOLDERS]
        seen.update(map(id, level))
        if not level:
            return None
    return None

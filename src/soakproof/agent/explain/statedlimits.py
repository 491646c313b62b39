"""A size that a container, or the object around it, says it keeps to: told, and never believed.

A class may have an attribute called ``maxsize`` and evict nothing; until it is full nobody can tell from outside.
"""

from __future__ import annotations

from typing import Any, Optional

from ..objects import instances, kinds

_NAMES = ("maxsize", "max_size", "maxlen", "max_len", "max_entries", "max_items", "capacity", "threshold", "limit")


def note_on_limit(chain: list[Any]) -> Optional[str]:
    """Return one sentence on the size that the container at the end of a chain claims, if anything there does."""
    container = chain[-1]
    entries = kinds.count_entries(container)
    own = kinds.CONTAINERS | {kinds.INSTANCE}
    for thing in (each for each in [container, *chain[-2:-4:-1]] if kinds.kind_of_type(type(each)) in own):
        for name, size in stated_limits(thing):
            claim = f"{kinds.describe_type(type(thing))} has {name} = {size:,}"
            if entries is not None and entries > size:
                return f"{claim}, and does not keep to it."
            return f"{claim}; declare it (max_items = {size}) if it keeps to that, or soak until it is full."
    return None


def stated_limits(thing: Any) -> list[tuple[str, int]]:
    """Return the attributes of an object that read like a size to keep to, with or without an underscore in front."""
    found = []
    for name in [*_NAMES, *(f"_{name}" for name in _NAMES)]:
        try:
            size = instances.attribute(thing, name)
        except AttributeError:
            continue
        if type(size) is int and size > 0:
            found.append((name, size))
    return found

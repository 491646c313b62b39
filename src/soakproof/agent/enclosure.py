"""Which container holds the object that holds a container: ``ROOMS`` for the ``members`` of each room in it.

A container of an instance is named after the instance's class; this is how it is known all the same that it is part of
what another container keeps. All are asked about at once: each level costs one look through the heap.
"""

from __future__ import annotations

import gc
import types
from typing import Any

from . import shapes, sources

Named = list[tuple[str, Any]]  # owner path and container

MOST_LEVELS = 3  # a container, its instance's attributes, the instance, the container that holds that
MOST_HOLDERS = 400
MOST_STEPS = 8
_PASSED_OVER = (types.FrameType, types.ModuleType, types.FunctionType, type, list, tuple)


def find_holders(things: list[Any], came: list[Any], named: Named) -> list[str]:
    """Return the owner paths of the named containers that keep any of some new things, the nearest first.

    The way up leads through what ``came`` with them: an old container is where it ends, since what keeps that is no
    cause of what was put into it. What refers to what is learnt by one look at the new, and not at the whole heap.
    """
    names = {id(container): path for path, container in named}
    new = set(map(id, came))
    holders: dict[int, list[Any]] = {}
    for holder in [*came, *(container for _, container in named)]:
        if holder is not things and holder is not came and not is_structure(holder):
            for held in gc.get_referents(holder):
                holders.setdefault(id(held), []).append(holder)
    found: dict[str, None] = {}
    seen = set(map(id, things))
    level = list(things)
    for _ in range(MOST_STEPS):
        above = {id(each): each for thing in level for each in holders.get(id(thing), ())}
        fresh = {key: each for key, each in above.items() if key not in seen}
        seen.update(fresh)
        found.update(dict.fromkeys(names[key] for key in fresh if key in names))
        level = [each for key, each in fresh.items() if key in new]
    return list(found)


def is_structure(holder: Any) -> bool:
    """Tell whether a referrer is no step on the way: a module, a class, or a frame of the agent that looks."""
    if type(holder) is types.FrameType:  # up to Python 3.10 it is the frame that holds a coroutine's locals
        return sources.is_own_file(holder.f_code.co_filename)
    return shapes.is_of(holder, types.ModuleType) or shapes.is_of(holder, type)


def find_enclosures(containers: dict[str, Any], paths: dict[int, str]) -> dict[str, str]:
    """Return ``{path: path of the nearest container that keeps it alive}``.

    ``containers`` are those asked about, by their paths; ``paths`` has the containers that may be named, by id.
    """
    within: dict[str, str] = {}
    level: list[Any] = list(containers.values())
    origins = {id(container): {path} for path, container in containers.items()}
    for _ in range(MOST_LEVELS):
        if not level:
            break
        holders = [each for each in gc.get_referrers(*level) if each is not level and each is not containers]
        above: dict[int, set[str]] = {}
        level = []
        for holder in holders:
            if isinstance(holder, _PASSED_OVER) and id(holder) not in paths:
                continue
            held = set().union(*(origins.get(id(each), ()) for each in gc.get_referents(holder)))
            if id(holder) in paths:
                within.update({path: paths[id(holder)] for path in held if path not in within})
            elif id(holder) not in origins and len(level) < MOST_HOLDERS:
                above[id(holder)] = held
                level.append(holder)
        origins = above
    return {path: outer for path, outer in within.items() if path != outer}

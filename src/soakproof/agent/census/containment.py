"""Which container holds the object that holds a container: ``ROOMS`` for the ``members`` of each room in it.

A container of an instance is named after the instance's class; this is how it is known all the same that it is part of
what another container keeps. All are asked about at once: each level costs one look through the heap.
"""

from __future__ import annotations

import gc
import types
from collections.abc import Iterator
from typing import Any, Optional

from ..objects import kinds
from ..objects.attributes import is_attribute_dict
from ..origin import sourcelines

Named = list[tuple[str, Any]]  # owner path and container

MOST_LEVELS = 8  # a container, its instance, the one whose attribute that is, ..., the container that holds them
MOST_HOLDERS = 400
MOST_STEPS = 8
_PASSED_OVER = (types.FrameType, types.ModuleType, types.FunctionType, type, list, tuple)


class Holders:
    """Who refers to what, among what ``came`` and the named containers: learnt by one look, and not at the whole heap.

    Tuples, which are not among what came (`tracked`), are reached through what holds them. It keeps what it was given
    alive: drop it with the answer.
    """

    def __init__(self, came: list[Any], named: Named) -> None:
        self._names = {id(container): path for path, container in named}
        self._came = set(map(id, came))
        self._of: dict[int, list[Any]] = {}
        pending = [*came, *(container for _, container in named)]
        for holder in pending:
            if holder is not came and not is_structure(holder):
                for held in gc.get_referents(holder):
                    self._of.setdefault(id(held), []).append(holder)
                    if type(held) is tuple and id(held) not in self._came:  # one that holds what is new is new itself
                        self._came.add(id(held))
                        pending.append(held)

    def find(self, things: list[Any]) -> list[str]:
        """Return the owner paths of the named containers that keep any of some new things, the nearest first.

        The way up leads through what came with them: an old container is where it ends, since what keeps that is no
        cause of what was put into it.
        """
        found: dict[str, None] = {}
        seen = set(map(id, things))
        level = list(things)
        for _ in range(MOST_STEPS):
            above = {id(each): each for thing in level for each in self._of.get(id(thing), ())}
            fresh = {key: each for key, each in above.items() if key not in seen}
            seen.update(fresh)
            found.update(dict.fromkeys(self._names[key] for key in fresh if key in self._names))
            level = [each for key, each in fresh.items() if key in self._came]
        return list(found)

    def class_around(self, things: list[Any]) -> Optional[str]:
        """Return the class of the new objects of which each single one of the things is an attribute, if there is one.

        An object of the same class is passed over: it is a neighbour, and does not keep the first of them.
        """
        around = [dict.fromkeys(self._classes_around(thing)) for thing in things]
        common = [name for name in around[0] if all(name in each for each in around)] if around else []
        return common[0] if common else None

    def _classes_around(self, thing: Any) -> Iterator[str]:
        for holder in self._of.get(id(thing), ()):
            owners = self._of.get(id(holder), ()) if type(holder) is dict else [holder]
            for owner in owners:
                is_instance = kinds.kind_of_type(type(owner)) == kinds.INSTANCE and type(owner) is not type(thing)
                if is_instance and id(owner) in self._came and (owner is holder or is_attribute_dict(owner, holder)):
                    yield kinds.describe_type(type(owner))

    def keep_each(self, things: list[Any], among: frozenset[str]) -> bool:
        """Tell whether each single one of the things is kept in one or another of the containers at these paths."""
        return all(not among.isdisjoint(self.find([thing])) for thing in things)


def is_structure(holder: Any) -> bool:
    """Tell whether a referrer is no step on the way: a module, a class, or a frame of the agent that looks."""
    if type(holder) is types.FrameType:  # up to Python 3.10 it is the frame that holds a coroutine's locals
        return sourcelines.is_own_file(holder.f_code.co_filename)
    return kinds.is_of(holder, types.ModuleType) or kinds.is_of(holder, type)


def find_containing(containers: dict[str, Any], paths: dict[int, str]) -> dict[str, str]:
    """Return ``{path: path of the nearest container that keeps it alive}``.

    ``containers`` are those asked about, by their paths; ``paths`` has the containers that may be named, by id.
    """
    within: dict[str, str] = {}
    level: list[Any] = list(containers.values())
    origins = {id(container): {path} for path, container in containers.items()}
    passed = {key: set(asked) for key, asked in origins.items()}
    for _ in range(MOST_LEVELS):
        if not level:
            break
        holders = [each for each in gc.get_referrers(*level) if each is not level and each is not containers]
        above: dict[int, set[str]] = {}
        level = []
        for holder in holders:
            if any(kinds.is_of(holder, each) for each in _PASSED_OVER) and id(holder) not in paths:
                continue
            held = set().union(*(origins.get(id(each), ()) for each in gc.get_referents(holder)))
            if id(holder) in paths:
                within.update({path: paths[id(holder)] for path in held if path not in within})
                continue
            fresh = held - passed.get(id(holder), set())  # a visitor holds his own list, and his cart holds another
            if fresh and len(level) < MOST_HOLDERS:
                above[id(holder)] = fresh
                passed.setdefault(id(holder), set()).update(fresh)
                level.append(holder)
        origins = above
    return {path: outer for path, outer in within.items() if path != outer}

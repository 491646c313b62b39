"""Which container holds the object that holds a container: ``ROOMS`` for the ``members`` of each room in it.

A container of an instance is named after the instance's class; this is how it is known all the same that it is part of
what another container keeps. All are asked about at once.
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
MOST_SEEN = 200_000  # objects: who keeps what in a heap that is larger stays untold, and the target is not held up
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


def find_containing(asked: dict[str, Any], named: Named) -> dict[str, str]:
    """Return ``{path: path of the nearest container that keeps it alive}``.

    ``asked`` are the containers asked about, by their paths; ``named`` those that may be named. The way leads down from
    all of these at once, so that each object is looked at once and the target's threads have their turns meanwhile: to
    ask the heap for the referrers of many objects holds them up for as long as that takes, seconds where clients are.
    """
    wanted = {id(container): path for path, container in asked.items()}
    home = {id(container): path for path, container in named}
    within: dict[str, str] = {}
    steps = Steps()
    level: list[Any] = [container for _, container in named]
    for _ in range(MOST_LEVELS):
        below: list[Any] = []
        for holder in level:
            for held in gc.get_referents(holder):
                if len(home) > MOST_SEEN:
                    return within
                if id(held) not in home:
                    home[id(held)] = home[id(holder)]
                    if id(held) in wanted:
                        within[wanted[id(held)]] = home[id(held)]
                    if steps.lead_through(type(held)):
                        below.append(held)
            if len(within) == len(wanted):
                return within
        level = below
    return within


class Steps:
    """Through objects of which types a way may lead: not through a list in passing, nor through code and modules."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[type, bool]] = {}  # by id: a metaclass may define __hash__

    def lead_through(self, candidate: type) -> bool:
        """Tell it of a type."""
        known = self._known.get(id(candidate))
        if known is None:
            is_step = not any(kinds.has_base(candidate, base) for base in _PASSED_OVER)
            known = self._known[id(candidate)] = (candidate, is_step)
        return known[1]

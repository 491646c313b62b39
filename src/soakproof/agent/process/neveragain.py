"""Tasks that will never run again: nothing but themselves can reach what they wait for.

A task runs again when the future that it waits for is done, or when it is cancelled, and either takes somebody who has
the one or the other, or something that leads there. References are counted as the garbage collector counts them: of all
that waiting tasks lead to, what has a reference from elsewhere is held by somebody else too, and all that it leads to
may be done one day. What is left can be reached through tasks alone that wait likewise.

One holder does not count: a collection of many such tasks, as applications keep them so that they are not collected.
What is not looked at counts as held by somebody else, and so does what has a weak reference: doubt acquits.
The idea: Saioc and others, Dynamic Partial Deadlock Detection and Recovery via Garbage Collection, ASPLOS 2025.
"""

from __future__ import annotations

import gc
import sys
import types
import weakref
from collections import Counter, deque
from contextvars import Context
from typing import Any, Optional

from ..objects import kinds
from ..objects.liveobjects import LiveObjects
from . import counts

FEWEST = 5  # of a name: a few that wait for ever are a server's own, and not worth a look
MOST_TASKS = 100
OBJECTS_PER_TASK = 50
SHARED = 20  # references: what has more is no task's own, and would lead everywhere
WIDE = 40  # so does what leads to more
MOST_SAMPLES = 12
_REGISTRIES: tuple[type, ...] = (set, list, dict, deque)
_OUTSIDE: tuple[type, ...] = (types.ModuleType, types.CodeType, Context)


def count_never_again(live: LiveObjects) -> dict[str, list[int]]:
    """Return, by the name of their coroutine, how many of how many tasks will never run again.

    They are a sample, where there are very many. Names of which there are few, or none that is so, are left out.
    """
    tasks = suspects(waiting_tasks(live))
    if not tasks or not has_whole_counts():
        return {}
    looked_at = Counter(map(counts.task_name, tasks))
    dead = Counter(map(counts.task_name, Neighbourhood(tasks, live).dead()))
    return {name: [count, looked_at[name]] for name, count in dead.items()}


def waiting_tasks(live: LiveObjects) -> list[Any]:
    """Return the tasks of asyncio's own kind, of C, that wait for a future, oldest first.

    ``asyncio.Task`` may be another: nest_asyncio puts the one of Python there.
    """
    exact = counts.native_task()
    return [] if exact is None else [task for task in live.of(exact) if awaited_by_task(task) is not None]


def awaited_by_task(task: Any) -> Optional[Any]:
    """Return the future that a task waits for; None where it is done, or about to run."""
    waiter: Any = kinds.class_attribute(type(task), "_fut_waiter")
    return waiter.__get__(task) if type(waiter) is types.GetSetDescriptorType else None


def suspects(waiting: list[Any]) -> list[Any]:
    """Return the tasks that there are several of, by the name of their coroutine; of very many of a name, some."""
    by_name: dict[str, list[Any]] = {}
    for task in waiting:
        by_name.setdefault(counts.task_name(task), []).append(task)
    several = [tasks for tasks in by_name.values() if len(tasks) >= FEWEST]
    each = max(MOST_TASKS // max(len(several), 1), FEWEST)
    return [task for tasks in several for task in tasks[:: -(-len(tasks) // each)]]


def has_whole_counts() -> bool:
    """Tell whether this interpreter's counts of references are whole; without its global lock they are not."""
    is_locked = getattr(sys, "_is_gil_enabled", None)
    return is_locked is None or bool(is_locked())


class Neighbourhood:
    """What waiting tasks lead to, as far as it is looked at, and what leads to what within it.

    Each thing has its place: first the tasks, whose list is taken over, and then what they lead to.
    """

    def __init__(self, tasks: list[Any], live: LiveObjects) -> None:
        self._things = tasks
        self._tasks = len(tasks)
        self._live = live
        self._own_ids: dict[int, frozenset[int]] = {}
        self._places = {id(task): place for place, task in enumerate(tasks)}
        self._visit(OBJECTS_PER_TASK * len(tasks))

    def dead(self) -> list[Any]:
        """Return the tasks that nothing alive leads to: first by their futures alone, which is quick."""
        unreached = self._unreached(range(self._tasks, len(self._things)))
        if unreached:
            self._add_registries(unreached)
            unreached = self._unreached(range(len(self._things)))
        return [self._things[place] for place in unreached]

    def _visit(self, most: int) -> None:
        at = 0
        while at < len(self._things):
            near = gc.get_referents(self._things[at])
            for thing in near if len(near) <= WIDE else ():
                if len(self._things) < most and id(thing) not in self._places and is_visited(thing):
                    self._enter(thing)
            at += 1

    def _enter(self, thing: Any) -> None:
        self._places[id(thing)] = len(self._things)
        self._things.append(thing)

    def _add_registries(self, places: list[int]) -> None:
        """Look at what keeps a task of each name, where it keeps many: it is likely to keep the others too."""
        samples = {counts.task_name(self._things[place]): self._things[place] for place in places}
        few = list(samples.values())[:MOST_SAMPLES]
        ours = {id(few), id(samples), id(self._things), *map(id, self._live.groups.values())}
        for holder in gc.get_referrers(*few):
            if id(holder) not in self._places and id(holder) not in ours and self._is_registry(holder):
                self._enter(holder)

    def _ahead(self, thing: Any) -> list[int]:
        return [self._places[id(one)] for one in gc.get_referents(thing) if id(one) in self._places]

    def _is_registry(self, holder: Any) -> bool:
        """Tell whether a thing is a collection of many tasks."""
        if type(holder) not in _REGISTRIES:
            return False
        return sum(type(each) is type(self._things[0]) for each in gc.get_referents(holder)) >= FEWEST

    def _unreached(self, judged: range) -> list[int]:
        """Return the places of the tasks that nothing leads to which is held elsewhere, among the places judged.

        Places, and no tasks: a list of them would be a holder.
        """
        ahead = list(map(self._ahead, self._things))
        queue = self._held_outside(judged, Counter(to for places in ahead for to in places))
        reached = set(queue)
        while queue:
            place = queue.pop()
            new = set(ahead[place]) - reached
            if self._is_registry(self._things[place]):
                new = {to for to in new if to >= self._tasks}
            reached |= new
            queue.extend(new)
        return [place for place in range(self._tasks) if place not in reached]

    def _held_outside(self, judged: range, inside: Counter[int]) -> list[int]:
        seen = references(self._things)  # all at once: a name for one would be one more
        return [place for place in judged if seen[place] > inside[place] + self._ours(place) or self._is_weak(place)]

    def _ours(self, place: int) -> int:
        """Return how many references the lists of live objects have to a thing."""
        key = id(type(self._things[place]))
        if key not in self._own_ids:
            self._own_ids[key] = frozenset(map(id, self._live.groups.get(key, ())))
        return int(id(self._things[place]) in self._own_ids[key])

    def _is_weak(self, place: int) -> bool:
        """Tell whether somebody may come by a thing by a weak reference; asyncio itself has one to each task."""
        is_task = type(self._things[place]) is type(self._things[0])
        return weakref.getweakrefcount(self._things[place]) > int(is_task)


def is_visited(thing: Any) -> bool:
    """Tell whether a thing may be one task's own: it is tracked, no module, class or code, and held by few."""
    kind = type(thing)
    if not gc.is_tracked(thing) or kinds.has_base(kind, type) or kind in _OUTSIDE:
        return False
    return sys.getrefcount(thing) <= SHARED


def references(things: list[Any]) -> list[int]:
    """Return how many references each thing has, without those of the list and of this very look."""
    probe = [object()]
    (looked,) = map(sys.getrefcount, probe)
    return [count - looked for count in map(sys.getrefcount, things)]

"""Who keeps an object alive: the shortest way to it from a module, a running frame, a task or a greenlet.

The application's own roots come first, and a way through its own objects before one through what a library happens to
keep: a cache of results, or the attribute of a class. The search follows referents without labels, so it leaves no
trace in what it passes; `retainerpaths` names the steps of the chain that was found.
"""

from __future__ import annotations

import contextvars
import gc
import sys
import types
from collections.abc import Collection, Iterator
from typing import Any, Optional

from ..census import localvariables, roots
from ..census.loadedmodules import loaded_modules
from ..objects import buffers, kinds
from ..objects.liveobjects import LiveObjects
from ..origin import classification, loaded, sourcelines, stacks
from ..process import counts


class RetainerPaths:
    """The ways from the roots to whatever is asked for, at one moment: a search that goes on from where it has come to.

    It keeps what it has passed alive: drop it with the answers.
    """

    def __init__(self, live: LiveObjects) -> None:
        self._live = live
        self._search = Search(live, frozenset())
        self._reached = self._search.reach_all()

    def find(self, targets: list[Any]) -> Optional[list[Any]]:
        """Return the objects from a root to one of the targets, both included; None when no root leads to any."""
        wanted = frozenset(map(id, targets))
        search, reached = self._search, self._reached
        if not all(map(gc.is_tracked, targets)):  # the search passes over such, unless it looks for them
            search = Search(self._live, wanted)
            reached = search.reach_all()
        elif not wanted.isdisjoint(search.parents):
            return search.backtrack(next(key for key in search.parents if key in wanted), targets)
        found = next((thing for thing in reached if id(thing) in wanted), None)
        return None if found is None else search.backtrack(id(found), targets)


class Search:
    """A breadth-first search from the roots; ``parents`` has, by ``id``, from where each thing was reached.

    What is not tracked by the collector is passed over, unless ``also`` has its ``id``.
    """

    def __init__(self, live: LiveObjects, also: frozenset[int]) -> None:
        self.parents: dict[int, Any] = {}
        self._live = live
        self._also = also
        self._closed = closed_ids()
        self._deferred = DeferredObjects(live)
        modules = (key for key, of in live.types.items() if kinds.has_base(of, types.ModuleType))
        self._asked = {id(types.ModuleType), id(types.FrameType), *modules}

    def reach_all(self) -> Iterator[Any]:
        """Yield all that the roots lead to, the nearest first."""
        parents, deferred = self.parents, self._deferred
        for phase in root_phases(self._live):
            level = [root for root in phase if deferred.withdraw(root) or id(root) not in parents]
            parents.update((id(root), None) for root in level)
            yield from level
            yield from self._reach(level, deferred.suspected)
        yield from self._reach(deferred.take_up(), frozenset())

    def _reach(self, level: list[Any], suspected: Collection[int]) -> Iterator[Any]:
        """Walk the levels; yield each thing once it is known how to come to it. There may be millions."""
        parents, closed, also, asked, deferred = self.parents, self._closed, self._also, self._asked, self._deferred
        while level:
            following: list[Any] = []
            for parent in level:
                children = children_of(parent) if id(type(parent)) in asked else gc.get_referents(parent)
                for child in children:
                    key = id(child)
                    if key in parents or key in closed:
                        continue
                    of = type(child)
                    if key not in also and (not gc.is_tracked(child) or of is types.ModuleType):
                        continue
                    parents[key] = parent
                    if id(of) in suspected and child in deferred:
                        deferred.put_off(child)
                    else:
                        following.append(child)
                    yield child
            level = following

    def backtrack(self, found: int, targets: list[Any]) -> list[Any]:
        """Return the way from the root to the target whose ``id`` was found."""
        chain = [next(target for target in targets if id(target) == found)]
        while (parent := self.parents[id(chain[-1])]) is not None:
            chain.append(parent)
        return chain[::-1]


class DeferredObjects:
    """Objects through which much is reached that they are not there to keep: caches of results, libraries' classes.

    And loops and contexts, to which every task leads: a loop is a root, and what it is to call hangs on that.
    """

    def __init__(self, live: LiveObjects) -> None:
        self._shared = {key for key, of in live.types.items() if is_loop(of) or of is contextvars.Context}
        self.suspected = self._shared | {
            key for key, of in live.types.items() if kinds.has_base(of, type) or is_cache(of)
        }  # types by ``id``, because there may be millions of objects to ask about
        self._put_off: dict[int, Any] = {}

    def put_off(self, thing: Any) -> None:
        """Remember that ways lead on from here."""
        self._put_off[id(thing)] = thing

    def withdraw(self, thing: Any) -> bool:
        """Forget about it, since it is a root; return whether it had been put off."""
        return self._put_off.pop(id(thing), None) is not None

    def take_up(self) -> list[Any]:
        """Return where ways lead on."""
        return list(self._put_off.values())

    def __contains__(self, thing: Any) -> bool:
        """Whether a thing of a suspected type is one of them."""
        of = type(thing)
        return id(of) in self._shared or is_cache(of) or not roots.is_application(kinds.module_of_type(thing))


def is_loop(of: type) -> bool:
    """Tell whether a type is that of an asyncio event loop, whoever made it."""
    base = buffers.class_in("asyncio.events", "AbstractEventLoop")
    return base is not None and kinds.has_base(of, base)


def is_cache(of: type) -> bool:
    """Tell whether a type is that of ``functools.lru_cache``."""
    return kinds.kind_of_type(of) == kinds.CACHE


def children_of(thing: Any) -> list[Any]:
    """Return what a thing refers to; of a module its globals, and not those of the modules it imports."""
    if kinds.is_of(thing, types.ModuleType):
        return list(loaded.namespace(thing).values())
    if localvariables.is_running(thing):
        return [value for _, value in localvariables.named_locals(thing)]
    return gc.get_referents(thing)


def closed_ids() -> set[int]:
    """Return the ids of what the search must not enter: the namespaces of modules, and whatever is the agent's."""
    closed = {id(sys.modules)}
    for name, module in loaded.modules():
        namespace = loaded.namespace(module)
        closed.add(id(namespace))
        if classification.is_own(name):
            closed.update(map(id, list(namespace.values())))
    frame = sys._getframe()
    while frame is not None:
        closed.add(id(frame))
        frame = frame.f_back  # type: ignore[assignment]
    return closed


def root_phases(live: LiveObjects) -> Iterator[list[Any]]:
    """Yield the roots, those a person would rather see first: the application's modules, and then what it runs."""
    modules = loaded_modules(live)
    yield [module for name, module in modules if roots.is_application(name)]
    running = [*stacks.running_frames(), *counts.greenlet_frames(live)]
    tasks = [*counts.tasks_in(live), *counts.greenlets_in(live)]
    yield [each for each in (*running, *tasks) if runs_application(each)]
    yield [*running, *tasks]
    yield [loop for key, of in live.types.items() if is_loop(of) for loop in live.groups.get(key, ())]
    yield [module for name, module in modules if not roots.is_application(name)]


def runs_application(execution: Any) -> bool:
    """Tell whether it is code of the application that a frame or a task runs."""
    running = counts.coroutine_of(execution) if counts.is_task(execution) else execution
    code = localvariables.code_of(running)
    return code is not None and sourcelines.is_application_file(code.co_filename)

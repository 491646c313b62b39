"""Who keeps an object alive: the shortest way to it from a module, a running frame, a task or a greenlet.

The application's own roots come first, and a way through its own objects before one through what a library happens to
keep: a cache of results, or the attribute of a class. The search follows referents without labels, so it leaves no
trace in what it passes; only the steps of the chain that was found are named.
"""

from __future__ import annotations

import contextvars
import gc
import os
import sys
import types
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Optional

from ..census import localvariables, roots
from ..census.loadedmodules import loaded_modules
from ..objects import buffers, instances, kinds, lrucaches
from ..objects.attributes import is_attribute_dict
from ..objects.liveobjects import LiveObjects
from ..origin import classification, loaded, modulenames, sourcelines, stacks
from ..process import counts

LONGEST_TEXT = 80
FEW_KEYS = 32  # of a mapping with no more entries than that, the key is worth saying
LONGEST_KEY = 40
LARGEST_KEY = 10**LONGEST_KEY
_THROUGH = frozenset(map(id, (types.CellType, tuple)))  # steps that say nothing by themselves


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


# -- telling ----------------------------------------------------------------------------------------------------------


def describe_path(chain: list[Any]) -> list[str]:
    """Return a chain in words, a step a line, the steps that say nothing left out."""
    steps = [describe(chain[0])]
    holder = chain[0]
    for index, thing in enumerate(chain[1:], start=1):
        is_last = index == len(chain) - 1
        if not is_last and (id(type(thing)) in _THROUGH or is_namespace(holder, thing)):
            continue
        label = label_of(holder, thing)
        steps.append(f"{label}: {describe(thing)}" if label else describe(thing))
        holder = thing
    return steps


def is_namespace(holder: Any, thing: Any) -> bool:
    """Tell whether a dict is only the attributes of its holder."""
    if type(thing) is not dict:
        return False
    if kinds.is_of(holder, type) or type(holder) is types.FunctionType:
        return True
    return kinds.kind_of_type(type(holder)) == kinds.INSTANCE and is_attribute_dict(holder, thing)


def label_of(holder: Any, thing: Any) -> str:
    """Return how a thing is reached from its holder: a global, an attribute, an entry, a local, a cell."""
    if kinds.kind_of_type(type(holder)) in kinds.CONTAINERS or type(holder) is frozenset:
        return f"[{key_of(holder, thing)}]"
    return next((name for name, value in named_parts(holder) if value is thing), "")


def key_of(holder: Any, thing: Any) -> str:
    """Return the key of an entry where that is a plain one among few, else ``*``: one of many clients says nothing."""
    if not kinds.is_of(holder, dict) or dict.__len__(holder) > FEW_KEYS:
        return "*"
    keys = [key for key, value in list(dict.items(holder)) if value is thing and is_plain_key(key)]
    told = repr(keys[0]) if keys else "*"
    return told if len(told) <= LONGEST_KEY else "*"


def is_plain_key(key: Any) -> bool:
    """Tell whether a key can be said: a text, or a number that is not endless."""
    return type(key) is str or (type(key) is int and abs(key) < LARGEST_KEY)


def named_parts(holder: Any) -> Iterable[tuple[str, Any]]:
    """Return the named parts of a holder."""
    if kinds.is_of(holder, types.ModuleType):
        return list(loaded.namespace(holder).items())
    if kinds.is_of(holder, type):
        return [(f".{name}", value) for name, value in kinds.class_items(holder)]
    if type(holder) is types.FunctionType:
        return [(f".{name}", value) for name, value in roots.carried_by(holder, has_attributes=True)]
    if localvariables.code_of(holder) is not None:
        return localvariables.named_locals(holder)
    names = instances.slot_names(type(holder)) + list(instances.instance_dict(holder) or ())
    return [(f".{name}", value) for name, value in read_named(holder, names)]


def read_named(holder: Any, names: list[str]) -> Iterator[tuple[str, Any]]:
    """Yield the attributes that can be read by C slots alone."""
    for name in names:
        try:
            yield name, instances.attribute(holder, name)
        except AttributeError:
            continue


def describe(thing: Any) -> str:
    """Return a few words on an object, without asking it."""
    return describe_structure(thing) or describe_value(thing)


def describe_structure(thing: Any) -> str:
    """Return a few words on a part of the program or of its execution, none on anything else."""
    code = localvariables.code_of(thing)
    if code is not None:
        return f"{type(thing).__name__} {localvariables.qualname_of(thing, code)}{where(thing)}"
    if kinds.is_of(thing, types.ModuleType):
        return f"module {modulenames.name_of(loaded.namespace(thing)) or '?'}"
    if kinds.is_of(thing, type):
        return f"class {kinds.name_of_type(thing)}"
    if type(thing) is not types.FunctionType:
        return ""
    return f"function {modulenames.name_of(thing.__globals__) or '?'}:{kinds.plain_text(thing.__qualname__)}"


def describe_value(thing: Any) -> str:
    """Return a few words on a container or an instance."""
    kind = kinds.kind_of_type(type(thing))
    name = kinds.describe_type(type(thing))
    if kind in kinds.CONTAINERS:
        return f"{name} ({kinds.size_of(thing, kind)} entries)"
    if kinds.is_of(thing, BaseException):
        return describe_exception(thing)
    if kind == kinds.CACHE:
        return f"cache ({lrucaches.size_of(thing)} entries)"
    return f"task {counts.task_name(thing)}" if counts.is_task(thing) else name


def describe_exception(error: Any) -> str:
    """Return an exception's type and its text, where that is a plain string."""
    arguments = BaseException.args.__get__(error)  # type: ignore[attr-defined]
    is_text = type(arguments) is tuple and len(arguments) == 1 and type(arguments[0]) is str
    text = arguments[0] if is_text else ""
    return f"exception {kinds.describe_type(type(error))}({text[:LONGEST_TEXT]!r})"


def where(execution: Any) -> str:
    """Return at which line a frame, coroutine or generator stands."""
    frame = localvariables.frame_of(execution)
    return f" at {os.path.basename(kinds.plain_text(frame.f_code.co_filename))}:{frame.f_lineno}" if frame else ""  # noqa: PTH119 -- no pathlib

"""The places from which containers are found, in the order in which a person would rather name them.

1. globals of the application's modules, followed up to four steps: ``app:manager.rooms``
2. attributes of its classes: ``app:Hub.members``
3. its instances, wherever they are, by their class: ``server.documents:DocumentLocks._locks``
4. locals of its frames, coroutines and generators: ``app:main.<locals>.kept``
5. closures, defaults and attributes of its functions: ``app:make.<locals>.handler.<closure>.seen``
6. context variables
7. the same of libraries and of Python, by class; no paths from module to module

What a container is reached by need not be alive for a reason: garbage that the collector may not free is found too.
"""

from __future__ import annotations

import contextvars
import gc
import itertools
import types
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any, NamedTuple

from ..objects import instances, kinds, unreadable
from ..objects.attributes import MOST_NAMED
from ..objects.liveobjects import LiveObjects
from ..origin import classification, loaded, modulenames, stacks
from ..origin.classification import APPLICATION
from ..process import counts
from . import localvariables
from .loadedmodules import home_of, is_better, loaded_modules
from .walk import FOLLOWED, GROWING, HOLDERS, Place, Walk

EXECUTION_TYPES = (types.CoroutineType, types.GeneratorType, types.AsyncGeneratorType, types.FrameType)


class TypeGroup(NamedTuple):
    """A type that may own containers: ``module:qualname``, where it is from, and its collected instances."""

    of: type
    name: str
    module: str
    origin: str
    things: list[Any]


class RootWalk:
    """Walks from every root, the preferred ones first; the application's in one go, and the rest in another."""

    def __init__(self, walk: Walk, live: LiveObjects) -> None:
        self._walk = walk
        self._modules = loaded_modules(live)
        self._classes = collected_classes(live)
        self._instances = instance_groups(walk, live)
        self._functions = live.of(types.FunctionType)
        self._contexts = live.of(contextvars.Context)
        self._executions = [*stacks.running_frames(), *counts.greenlet_frames(live)]
        self._executions.extend(thing for each in EXECUTION_TYPES for thing in live.of(each))

    def of_application(self) -> None:
        """Find the application's containers."""
        walk = self._walk
        add_globals(walk, [pair for pair in self._modules if is_application(pair[0])], enters=True)
        walk.run()
        add_classes(walk, sorted(filter(is_applications, self._classes), key=attrgetter("name")))
        walk.run()
        instances = sorted(filter(is_applications, self._instances), key=attrgetter("name"))
        add_instances(walk, instances)
        walk.run()
        add_containers(walk, instances)
        walk.run()
        localvariables.add_locals(walk, self._executions, of_application=True)
        walk.run()
        add_functions(walk, self._functions, of_application=True)
        walk.run()
        add_contexts(walk, self._contexts)
        walk.run()

    def of_libraries(self) -> None:
        """Find all others'."""
        walk = self._walk
        add_globals(walk, [pair for pair in self._modules if not is_application(pair[0])], enters=False)
        add_classes(walk, itertools.filterfalse(is_applications, self._classes))
        walk.run()
        instances = [group for group in self._instances if not is_applications(group)]
        add_instances(walk, instances)
        walk.run()
        localvariables.add_locals(walk, self._executions, of_application=False)
        add_functions(walk, self._functions, of_application=False)
        walk.run()
        add_containers(walk, instances)
        walk.run()


def is_application(module: str) -> bool:
    """Tell whether a module is the application's."""
    return classification.origin_of_module(module) == APPLICATION


def is_applications(group: TypeGroup) -> bool:
    """Tell whether a type is the application's."""
    return group.origin == APPLICATION


def is_bookkeeping(name: Any) -> bool:
    """Tell whether a module's or class' attribute belongs to the interpreter: ``__annotations__`` and the like.

    The registry of a module's warnings does too, but it is the module that fills it, with each text that is new.
    """
    if type(name) is not str:
        return True
    return name.startswith("__") and name.endswith("__") and name != "__warningregistry__"


def add_globals(walk: Walk, modules: list[tuple[str, Any]], *, enters: bool) -> None:
    """Add what the modules' globals hold; what several modules hold is named by the one that assigns it."""
    candidates: dict[int, tuple[str, str, Any]] = {}
    wanted = FOLLOWED | kinds.BUFFERS if enters else HOLDERS | GROWING
    for module_name, module in modules:
        items = list(loaded.namespace(module).items())
        for name, thing in unreadable.attempt(type(module), walk.kinds.select_named, items, wanted) or ():
            earlier = candidates.get(id(thing))
            if is_bookkeeping(name) or (earlier and not (enters and is_better(module_name, name, earlier))):
                continue
            candidates[id(thing)] = (module_name, name, thing)
    for module_name, name, thing in candidates.values():
        if enters:
            module_name, name = home_of(module_name, name, thing)  # noqa: PLW2901 -- the same thing's better name
        place = Place(classification.origin_of_module(module_name), module_name, 1, enters, enters)
        walk.add(f"{module_name}:{name}", [thing], place)


def collected_classes(live: LiveObjects) -> list[TypeGroup]:
    """Return every class but the agent's, each as a group of its own."""
    groups = live.groups.items()
    metaclasses = [key for key, things in groups if things and kinds.has_base(live.types[key], type)]
    return type_groups((each, []) for key in metaclasses for each in live.groups[key])


def type_groups(pairs: Iterable[tuple[type, list[Any]]]) -> list[TypeGroup]:
    """Describe types and their instances, the agent's own left out."""
    found = []
    origin_of: dict[str, str] = {}
    for of, things in pairs:
        name = unreadable.attempt(type(of), kinds.name_of_type, of)
        if name is None:
            continue
        module = name.partition(":")[0]
        origin = origin_of.get(module)
        if origin is None:
            is_own = classification.is_own(module)
            origin = origin_of[module] = "" if is_own else classification.origin_of_module(module)
        if origin:
            found.append(TypeGroup(of, name, module, origin, things))
    return found


def add_classes(walk: Walk, classes: Iterable[TypeGroup]) -> None:
    """Add the attributes that classes themselves hold."""
    for group in classes:
        place = Place(group.origin, group.module, 2)
        wanted = HOLDERS | (kinds.BUFFERS if group.origin == APPLICATION else GROWING)
        items = unreadable.attempt(type(group.of), kinds.class_items, group.of) or []
        if len(items) > MOST_NAMED and group.origin == APPLICATION:
            unreadable.attempt(type(group.of), walk.count_attributes, group.name, group.of, place)
            items = items[:MOST_NAMED]
        for name, thing in unreadable.attempt(type(group.of), walk.kinds.select_named, items, wanted) or ():
            if not is_bookkeeping(name):
                walk.add(f"{group.name}.{name}", [thing], place)


def instance_groups(walk: Walk, live: LiveObjects) -> list[TypeGroup]:
    """Return the types whose instances may hold containers, with their instances."""
    passed_over = (kinds.STRUCTURE, kinds.LEAF, kinds.TUPLE, *kinds.BUFFERS)
    return type_groups(
        (live.types[key], things)
        for key, things in live.groups.items()
        if walk.kinds.of(live.types[key]) not in passed_over
    )


def add_instances(walk: Walk, groups: Iterable[TypeGroup]) -> None:
    """Add the attributes of instances under the name of their class."""
    for group in groups:
        kind = walk.kinds.of(group.of)
        if kind == kinds.CACHE or group.module == "collections":
            continue
        fresh = [thing for thing in group.things if id(thing) not in walk.seen]
        if fresh:
            place = Place(group.origin, group.module, 2, enters_foreign=group.origin == APPLICATION)
            walk.enter_attributes(group.name, group.of, fresh, place)


def add_containers(walk: Walk, groups: Iterable[TypeGroup]) -> None:
    """Add containers that are of a class of their own, and that nothing better named has claimed."""
    for group in groups:
        if walk.kinds.of(group.of) in HOLDERS:
            walk.add(group.name, group.things, Place(group.origin, group.module, 2))


def add_functions(walk: Walk, functions: list[Any], *, of_application: bool) -> None:
    """Add what functions carry: cells of closures, defaults, and (the application's) attributes."""
    wanted = FOLLOWED | kinds.BUFFERS if of_application else HOLDERS
    chosen = WantedModules(of_application=of_application)
    if of_application:
        functions = [each for each in functions if chosen[kinds.plain_text(each.__module__)]]
    else:
        is_tracked = gc.is_tracked  # defaults of atoms alone are not
        functions = [each for each in functions if each.__closure__ is not None or is_tracked(each.__defaults__)]
        functions = [each for each in functions if chosen[kinds.plain_text(each.__module__)]]
    carried: list[tuple[str, str, Any]] = []
    for function in functions:
        parts = unreadable.attempt(types.FunctionType, parts_of, walk, function, wanted, of_application)
        name = kinds.name_of_function(function)
        carried.extend((f"{name}.{part}", name.partition(":")[0], thing) for part, thing in parts or ())
    for path, module, thing in sorted(carried, key=lambda each: each[0]):
        place = Place(classification.origin_of_module(module), module, 3, enters_foreign=of_application)
        walk.add(path, [thing], place)


def parts_of(walk: Walk, function: Any, wanted: frozenset[int], has_attributes: bool) -> list[tuple[str, Any]]:
    """Return what a function carries of a wanted kind, by its name."""
    return walk.kinds.select_named(carried_by(function, has_attributes=has_attributes), wanted)


class WantedModules(dict[str, bool]):
    """Whether functions of a module are wanted: the application's, or all others but the agent's."""

    def __init__(self, *, of_application: bool) -> None:
        super().__init__()
        self._of_application = of_application

    def __missing__(self, module: str) -> bool:
        is_known = module != "?" and not classification.is_own(module)
        chosen = self[module] = is_known and is_application(modulenames.tell(module)) is self._of_application
        return chosen


def carried_by(function: Any, *, has_attributes: bool) -> Iterator[tuple[str, Any]]:
    """Yield ``(part of the path, thing)`` for what a function carries."""
    code = function.__code__
    for name, cell in zip(code.co_freevars, function.__closure__ or ()):  # noqa: B905 -- strict is of Python 3.10
        try:
            yield f"<closure>.{name}", cell.cell_contents
        except ValueError:  # an empty cell
            continue
    defaults = kinds.entries_of(function.__defaults__ or (), kinds.TUPLE)
    for name, thing in zip(code.co_varnames[code.co_argcount - len(defaults) :], defaults):  # noqa: B905 -- likewise
        yield f"<defaults>.{name}", thing
    if not has_attributes:
        return
    for name, thing in list(dict.items(function.__kwdefaults__ or {})):
        yield f"<defaults>.{kinds.plain_text(name)}", thing
    # Asking for ``__dict__`` would make one where there is none; asking for ``__annotations__`` of Python 3.14 on would
    # run what stands there.
    for name, thing in list((instances.dict_in_slot(function) or {}).items()):
        if type(name) is str:
            yield name, thing


def add_contexts(walk: Walk, contexts: list[Any]) -> None:
    """Add what context variables hold, in whatever context."""
    for context in contexts:
        for variable, thing in list(contextvars.Context.items(context)):
            if walk.kinds.of(type(thing)) in HOLDERS:
                place = Place(APPLICATION, "contextvars", 3)
                walk.add(f"contextvars:{kinds.plain_text(variable.name)}", [thing], place)

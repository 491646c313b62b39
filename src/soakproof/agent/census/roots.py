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


Typed = tuple[type, list[Any]]  # a type, and its instances


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
        self._classes, self._other_classes = by_origin(collected_classes(live))
        self._instances, self._other_instances = by_origin(instance_groups(walk, live))
        self._functions = live.of(types.FunctionType)
        self._contexts = live.of(contextvars.Context)
        self._executions = [*stacks.running_frames(), *counts.greenlet_frames(live)]
        self._executions.extend(thing for each in EXECUTION_TYPES for thing in live.of(each))

    def of_application(self) -> None:
        """Find the application's containers."""
        walk = self._walk
        add_globals(walk, [pair for pair in self._modules if is_application(pair[0])], enters=True)
        walk.run()
        add_classes(walk, sorted(type_groups(self._classes), key=attrgetter("name")))
        walk.run()
        instances = sorted(type_groups(self._instances), key=attrgetter("name"))
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
        add_classes(walk, type_groups(self._other_classes))
        walk.run()
        instances = type_groups(self._other_instances)
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


def collected_classes(live: LiveObjects) -> list[Typed]:
    """Return every class, each as a group of its own."""
    return [(each, []) for classes in live.derived(type) for each in classes]


def by_origin(pairs: Iterable[Typed]) -> tuple[list[Typed], list[Typed]]:
    """Return the types of the application with their instances, and the others; the agent's are left out of both.

    Those of libraries are many, and what they are called can wait until the target runs again.
    """
    of_application: list[Typed] = []
    others: list[Typed] = []
    origins = Origins()
    for pair in pairs:
        module = unreadable.attempt(type(pair[0]), kinds.module_of_type, pair[0])
        origin = "" if module is None else origins[module]
        if origin:
            (of_application if origin == APPLICATION else others).append(pair)
    return of_application, others


def type_groups(pairs: Iterable[Typed]) -> list[TypeGroup]:
    """Describe types and their instances."""
    found = []
    for of, things in pairs:
        name = unreadable.attempt(type(of), kinds.name_of_type, of)
        if name is not None:
            module = name.partition(":")[0]
            found.append(TypeGroup(of, name, module, classification.origin_of_module(module), things))
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


def instance_groups(walk: Walk, live: LiveObjects) -> list[Typed]:
    """Return the types whose instances may hold containers, with their instances."""
    passed_over = (kinds.STRUCTURE, kinds.LEAF, kinds.TUPLE, *kinds.BUFFERS)
    pairs = ((live.types[key], things) for key, things in live.groups.items())
    return [pair for pair in pairs if walk.kinds.of(pair[0]) not in passed_over]


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
    if not of_application:
        is_tracked = gc.is_tracked  # defaults of atoms alone are not
        functions = [each for each in functions if each.__closure__ is not None or is_tracked(each.__defaults__)]
    carried: list[tuple[str, str, Any]] = []
    for function in functions_of(functions, of_application=of_application):
        parts = unreadable.attempt(types.FunctionType, parts_of, walk, function, wanted, of_application)
        name = kinds.name_of_function(function)
        carried.extend((f"{name}.{part}", name.partition(":")[0], thing) for part, thing in parts or ())
    for path, module, thing in sorted(carried, key=lambda each: each[0]):
        place = Place(classification.origin_of_module(module), module, 3, enters_foreign=of_application)
        walk.add(path, [thing], place)


def parts_of(walk: Walk, function: Any, wanted: frozenset[int], has_attributes: bool) -> list[tuple[str, Any]]:
    """Return what a function carries of a wanted kind, by its name."""
    return walk.kinds.select_named(carried_by(function, has_attributes=has_attributes), wanted)


def functions_of(functions: list[Any], *, of_application: bool) -> list[Any]:
    """Return the application's functions, or all others but the agent's, and those of no module."""
    origins = Origins({"?": ""})
    chosen = (APPLICATION,) if of_application else (classification.LIBRARY, classification.PYTHON)
    return [
        each
        for each in functions  # plain texts are told here, since there are tens of thousands
        if origins[module if type(module := each.__module__) is str else kinds.plain_text(module)] in chosen
    ]


class Origins(dict[str, str]):
    """The origin of each module by its name, empty for the agent's."""

    def __missing__(self, module: str) -> str:
        is_own = classification.is_own(module)
        origin = self[module] = "" if is_own else classification.origin_of_module(modulenames.tell(module))
        return origin


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

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

import ast
import contextvars
import gc
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from . import frames, natives, origins, shapes
from .origins import APPLICATION
from .shapes import STRUCTURE
from .walk import HOLDERS, Place, Walk

FUNCTION_TYPES = (types.CoroutineType, types.GeneratorType, types.AsyncGeneratorType, types.FrameType)


class TypeGroup(NamedTuple):
    """All collected objects of one type."""

    of: type
    module: str
    origin: str
    things: list[Any]


def group_by_type(objects: list[Any]) -> dict[int, list[Any]]:
    """Return the objects grouped by the ``id`` of their type."""
    groups: dict[int, list[Any]] = {}
    for thing in objects:
        key = id(type(thing))
        try:
            groups[key].append(thing)
        except KeyError:
            groups[key] = [thing]
    return groups


def survey(walk: Walk, groups: dict[int, list[Any]], greenlet_frames: Iterable[Any] = ()) -> None:
    """Walk from every root, the preferred ones first."""
    modules = loaded_modules()
    own = [(name, module) for name, module in modules if origins.origin_of_module(name) == APPLICATION]
    add_globals(walk, own, enters=True)
    walk.run()
    classes = collected_classes(groups)
    add_classes(walk, [each for each in classes if each.origin == APPLICATION])
    walk.run()
    instances = instance_groups(walk, groups)
    add_instances(walk, [each for each in instances if each.origin == APPLICATION])
    walk.run()
    running = [*running_frames(), *greenlet_frames]
    suspended = [thing for each in FUNCTION_TYPES for thing in groups.get(id(each), ())]
    frames.add_locals(walk, running + suspended, is_application=True)
    walk.run()
    functions = groups.get(id(types.FunctionType), [])
    add_functions(walk, functions, is_application=True)
    walk.run()
    add_contexts(walk, groups.get(id(contextvars.Context), []))
    walk.run()
    add_globals(walk, [pair for pair in modules if origins.origin_of_module(pair[0]) != APPLICATION], enters=False)
    add_classes(walk, [each for each in classes if each.origin != APPLICATION])
    walk.run()
    add_instances(walk, [each for each in instances if each.origin != APPLICATION])
    walk.run()
    frames.add_locals(walk, running + suspended, is_application=False)
    add_functions(walk, functions, is_application=False)
    walk.run()


def loaded_modules() -> list[tuple[str, Any]]:
    """Return ``(name, module)`` of the loaded modules by name, each once, the agent's left out."""
    once: dict[int, tuple[str, Any]] = {}
    for name, module in sorted(item for item in list(sys.modules.items()) if type(item[0]) is str):
        if shapes.is_of(module, types.ModuleType) and not origins.is_own(name):
            once.setdefault(id(module), (name, module))
    return list(once.values())


def is_bookkeeping(name: Any) -> bool:
    """Tell whether a module's or class' attribute belongs to the interpreter: ``__annotations__``, ``_abc_impl``..."""
    return type(name) is not str or (name.startswith("__") and name.endswith("__")) or name == "_abc_impl"


def add_globals(walk: Walk, modules: list[tuple[str, Any]], *, enters: bool) -> None:
    """Add what the modules' globals hold; what several modules hold is named by the one that assigns it."""
    candidates: dict[int, tuple[str, str, str, Any]] = {}
    for module_name, module in modules:
        origin = origins.origin_of_module(module_name)
        for name, thing in list(origins.module_dict(module).items()):
            if not is_bookkeeping(name) and (walk.is_holder(thing) or (enters and is_instance(walk, thing))):
                earlier = candidates.get(id(thing))
                if earlier is None or (enters and not assigns(earlier[0], earlier[1]) and assigns(module_name, name)):
                    candidates[id(thing)] = (module_name, name, origin, thing)
    for module_name, name, origin, thing in candidates.values():
        walk.add(f"{module_name}:{name}", [thing], Place(origin, module_name, 1, enters, enters))


def is_instance(walk: Walk, thing: Any) -> bool:
    """Tell whether a thing is an instance that a path may lead through."""
    return walk.kinds.of(type(thing)) == shapes.INSTANCE


_assigned: dict[str, str] = {}


def assigns(module_name: str, name: str) -> bool:
    """Tell whether a module's source assigns a global at top level, rather than importing it."""
    if module_name not in _assigned:
        _assigned[module_name] = " ".join(["", *assigned_names(module_name), ""])
    return f" {name} " in _assigned[module_name]


def assigned_names(module_name: str) -> Iterator[str]:
    """Yield the names that the statements of a module's source store."""
    try:
        with open(origins.file_of(sys.modules[module_name]) or "", "rb") as stream:  # noqa: PTH123 -- no pathlib
            tree = ast.parse(stream.read())
    except (OSError, SyntaxError, ValueError, KeyError, RecursionError):
        return
    for statement in tree.body:
        if not isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id


def collected_classes(groups: dict[int, list[Any]]) -> list[TypeGroup]:
    """Return every class, each as a group of its own, by name."""
    found = []
    for things in groups.values():
        if shapes.has_base(type(things[0]), type):
            for each in things:
                module = shapes.module_of_type(each)
                if not origins.is_own(module):
                    found.append(TypeGroup(each, module, origins.origin_of_module(module), []))
    return sorted(found, key=lambda group: shapes.name_of_type(group.of))


def add_classes(walk: Walk, classes: list[TypeGroup]) -> None:
    """Add the attributes that classes themselves hold."""
    for group in classes:
        prefix = ""
        for name, thing in shapes.class_items(group.of):
            if walk.is_holder(thing) and not is_bookkeeping(name):
                prefix = prefix or shapes.name_of_type(group.of)
                walk.add(f"{prefix}.{name}", [thing], Place(group.origin, group.module, 2))


def instance_groups(walk: Walk, groups: dict[int, list[Any]]) -> list[TypeGroup]:
    """Return the types whose instances may hold containers, with their instances, by name."""
    found = []
    for things in groups.values():
        of = type(things[0])
        kind = walk.kinds.of(of)
        is_plain = kind in (shapes.TUPLE, shapes.CACHE) or (kind in shapes.CONTAINERS and of.__module__ == "builtins")
        if kind not in (STRUCTURE, shapes.LEAF) and not (is_plain and kind != shapes.CACHE):
            module = shapes.module_of_type(of)
            if not origins.is_own(module):
                found.append(TypeGroup(of, module, origins.origin_of_module(module), things))
    return sorted(found, key=lambda group: shapes.name_of_type(group.of))


def add_instances(walk: Walk, groups: list[TypeGroup]) -> None:
    """Add the attributes of instances under the name of their class, and containers that are classes of their own."""
    for group in groups:
        fresh = [thing for thing in group.things if id(thing) not in walk.seen]
        is_own = group.origin == APPLICATION
        place = Place(group.origin, group.module, 2, enters_foreign=is_own)
        kind = walk.kinds.of(group.of)
        name = shapes.name_of_type(group.of)
        if kind in HOLDERS and fresh:
            walk.add(name, fresh, place)
        if kind != shapes.CACHE and fresh and kind not in shapes.EXACT:
            walk.enter_attributes(name, group.of, fresh, place)


def running_frames() -> Iterator[Any]:
    """Yield the frames of all threads but the agent's."""
    for ident, frame in list(sys._current_frames().items()):
        while frame is not None and ident != natives.get_ident():
            yield frame
            frame = frame.f_back  # type: ignore[assignment]


def add_functions(walk: Walk, functions: list[Any], *, is_application: bool) -> None:
    """Add what functions carry: cells of closures, defaults, and (the application's) attributes."""
    carriers = []
    for function in functions:
        module = function.__module__
        if type(module) is str and (origins.origin_of_module(module) == APPLICATION) is is_application:
            if not origins.is_own(module) and (is_application or function.__closure__ or function.__defaults__):
                carriers.append((f"{module}:{function.__qualname__}", module, function))
    for name, module, function in sorted(carriers, key=lambda carrier: carrier[0]):
        place = Place(origins.origin_of_module(module), module, 3, enters_foreign=is_application)
        for part, thing in carried_by(function, has_attributes=is_application):
            if walk.is_holder(thing) or (is_application and is_instance(walk, thing)):
                walk.add(f"{name}.{part}", [thing], place)


def carried_by(function: Any, *, has_attributes: bool) -> Iterator[tuple[str, Any]]:
    """Yield ``(part of the path, thing)`` for what a function carries."""
    code = function.__code__
    for name, cell in zip(code.co_freevars, function.__closure__ or ()):
        try:
            yield f"<closure>.{name}", cell.cell_contents
        except ValueError:  # an empty cell
            continue
    names = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    for name, thing in zip(names[len(names) - len(defaults) :], defaults):
        yield f"<defaults>.{name}", thing
    if not has_attributes:
        return
    for name, thing in (function.__kwdefaults__ or {}).items():
        yield f"<defaults>.{name}", thing
    # Asking for ``__dict__`` would make one where there is none.
    globals_, annotations = function.__globals__, function.__annotations__
    for thing in gc.get_referents(function):
        if type(thing) is dict and thing is not globals_ and thing is not annotations and thing is function.__dict__:
            yield from ((name, held) for name, held in list(thing.items()) if type(name) is str)


def add_contexts(walk: Walk, contexts: list[Any]) -> None:
    """Add what context variables hold, in whatever context."""
    for context in contexts:
        for variable, thing in list(contextvars.Context.items(context)):
            if walk.is_holder(thing):
                place = Place(APPLICATION, "contextvars", 3)
                walk.add(f"contextvars:{variable.name}", [thing], place)

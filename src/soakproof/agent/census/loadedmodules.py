"""The modules of the target, each by one name, and which of them assigns a global that several have."""

from __future__ import annotations

import ast
import os
import types
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from ..objects.liveobjects import LiveObjects
from ..origin import classification, loaded, modulenames, sourcefiles


def loaded_modules(live: LiveObjects) -> list[tuple[str, Any]]:
    """Return ``(name as told, module)`` of the loaded modules by name, each once, the agent's left out.

    Those that were loaded from a file by its path, and that nobody put into ``sys.modules``, come last.
    """
    once: dict[int, tuple[str, Any]] = {}
    for name, module in sorted(loaded.modules(), key=itemgetter(0)):
        if not classification.is_own(name):
            once.setdefault(id(module), (modulenames.tell(name), module))
    for module in live.of(types.ModuleType):
        if id(module) in once:
            continue
        name, file = modulenames.name_of(loaded.namespace(module)), classification.file_of(module)
        if name and file and loaded.module(name) is None:
            modulenames.add_unlisted(name, file)
            once[id(module)] = (name, module)
    return list(once.values())


def is_better(module_name: str, name: str, earlier: tuple[str, str, Any]) -> bool:
    """Tell whether a global names a thing better than another, because its module assigns it and does not import it."""
    return assigns(module_name, name) and not assigns(earlier[0], earlier[1])


_assigned: dict[str, str] = {}


def assigns(module_name: str, name: str) -> bool:
    """Tell whether a module's source assigns a global at top level, rather than importing it."""
    if module_name not in _assigned:
        _assigned[module_name] = " ".join(["", *assigned_names(module_name), ""])
    return f" {name} " in _assigned[module_name]


def assigned_names(module_name: str) -> Iterator[str]:
    """Yield the names that the statements of a module's source store."""
    file = classification.file_of_name(module_name)
    tree = sourcefiles.parse(file) if file else None
    for statement in tree.body if tree is not None else ():
        if not isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id


_homes: dict[tuple[str, str], tuple[str, str]] = {}
MOST_IMPORTS = 5


def home_of(module_name: str, name: str, thing: Any) -> tuple[str, str]:
    """Return module and name of a library's global where the application's is only imported from there.

    Who imports something names it, and did not make it: a library's own global is known by the library's name.
    """
    key = (module_name, name)
    if key not in _homes:
        _homes[key] = _find_home(module_name, name, thing)
    return _homes[key]


def _find_home(module_name: str, name: str, thing: Any) -> tuple[str, str]:
    here, home = (module_name, name), (module_name, name)
    for _ in range(MOST_IMPORTS):
        if assigns(*here):
            break
        found = next((each for each in imported_from(*here) if _is_under(each, thing)), None)
        if found is None:
            break
        here = found
        if classification.origin_of_module(here[0]) == classification.LIBRARY:
            home = here
    return home


def _is_under(place: tuple[str, str], thing: Any) -> bool:
    module = loaded.module(place[0])
    return module is not None and loaded.namespace(module).get(place[1]) is thing


def imported_from(module_name: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield the modules and names from which the statements of a module's source import a global, ``*`` included."""
    file = classification.file_of_name(module_name)
    tree = sourcefiles.parse(file) if file else None
    is_package = bool(file) and os.path.basename(file or "").startswith("__init__.")  # noqa: PTH119 -- no pathlib
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.ImportFrom):
            parts = module_name.split(".")
            base = parts[: len(parts) - node.level + is_package] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                if alias.name == "*" or (alias.asname or alias.name) == name:
                    yield source, name if alias.name == "*" else alias.name

"""Where in the source: the line's text, and the function around it."""

from __future__ import annotations

import ast
import linecache
import os
from collections.abc import Iterable, Iterator
from typing import Any

from . import classification
from .classification import APPLICATION

Line = tuple[str, int]  # file, line number


_origins: dict[str, str] = {}


def origin_of_code(file: str) -> str:
    """Return whose code it is, by the file name that is compiled into it."""
    known = _origins.get(file)
    if known is None:
        path = file if file.startswith("<") else os.path.abspath(file)  # noqa: PTH100 -- no pathlib in the target
        known = _origins[file] = classification.origin_of_file(path)
    return known


def is_application_file(file: str) -> bool:
    """Tell whether a file is the application's own."""
    return origin_of_code(file) == APPLICATION


def is_own_file(file: str) -> bool:
    """Tell whether a file is the agent's."""
    return file.startswith(classification.OWN_DIRECTORY)


def attribute_to_line(stack: Iterable[Line]) -> Line:
    """Return the application's line nearest to what happened, or the innermost where it has none on the stack.

    ``stack``: innermost first.
    """
    innermost = ("?", 0)
    for depth, line in enumerate(stack):
        if depth == 0:
            innermost = line
        if is_application_file(line[0]):
            return line
    return innermost


def name_line(line: Line) -> dict[str, Any]:
    """Return file and line alone."""
    file, number = line
    return {"file": file, "line": number}


def describe_line(line: Line) -> dict[str, Any]:
    """Return file, line, function and source of a line."""
    file, number = line
    return {
        **name_line(line),
        "function": function_at(file, number),
        "source": linecache.getline(file, number).strip(),
    }


def function_at(file: str, number: int) -> str:
    """Return the qualified name of the function around a line, ``<module>`` outside of any, empty without a source."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)) or "?")
    except (SyntaxError, ValueError, RecursionError):
        return ""
    found = "<module>"
    for name, first, last in definitions(tree, ""):
        if first <= number <= last:
            found = name
    return found


def definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, int, int]]:
    """Yield qualified name, first and last line of the functions in a tree, outer ones before inner ones."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield prefix + child.name, child.lineno, child.end_lineno or child.lineno
            yield from definitions(child, f"{prefix}{child.name}.<locals>.")
        elif isinstance(child, ast.ClassDef):
            yield from definitions(child, f"{prefix}{child.name}.")
        else:
            yield from definitions(child, prefix)

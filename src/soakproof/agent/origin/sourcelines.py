"""Where in the source: the line's text, and the function around it."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from typing import Any, Optional

from ..objects import kinds
from . import classification, sourcefiles
from .classification import APPLICATION, LIBRARY

Line = tuple[str, int]  # file, line number


_origins: dict[str, str] = {}


def origin_of_code(file: str) -> str:
    """Return whose code it is, by the file name that is compiled into it."""
    file = kinds.plain_text(file)  # code may have been given a name of a class of the target's own
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
    return kinds.plain_text(file).startswith(classification.OWN_DIRECTORY)


def attribute_to_line(stack: Iterable[Line], beneath: frozenset[Line] = frozenset()) -> Line:
    """Return the line that a person would open: the application's nearest to what happened.

    Where none of the application's is on the stack it is the nearest of a library, then the innermost.

    Args:
        stack: innermost first.
        beneath: lines that started an event loop (`stacks.lines_beneath_loops`), and so say nothing of what it runs.
    """
    innermost: Optional[Line] = None
    of_library: Optional[Line] = None
    for line in stack:
        if line in beneath:
            continue
        innermost = innermost or line
        origin = origin_of_code(line[0])
        if origin == APPLICATION:
            return line
        if origin == LIBRARY:
            of_library = of_library or line
    return of_library or innermost or ("?", 0)


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
        "source": sourcefiles.line(file, number),
    }


def function_at(file: str, number: int) -> str:
    """Return the qualified name of the function around a line, ``<module>`` outside of any, empty without a source."""
    tree = sourcefiles.parse(file)
    if tree is None or type(number) is not int:
        return ""
    found = "<module>"
    for name, first, last in definitions(tree):
        if first <= number <= last:
            found = name
    return found


def definitions(tree: ast.Module) -> Iterator[tuple[str, int, int]]:
    """Yield qualified name, first and last line of the functions in a tree, outer ones before inner ones.

    In a loop of its own: what machines have written may be nested deeper than calls may be.
    """
    pending: list[tuple[ast.AST, str]] = [(tree, "")]
    while pending:
        node, prefix = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield prefix + node.name, node.lineno, node.end_lineno or node.lineno
            prefix = f"{prefix}{node.name}.<locals>."
        elif isinstance(node, ast.ClassDef):
            prefix = f"{prefix}{node.name}."
        pending.extend((child, prefix) for child in [*ast.iter_child_nodes(node)][::-1])

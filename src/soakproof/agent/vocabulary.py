"""The names that a library's code speaks of: what else an object of its has was put there by somebody else."""

from __future__ import annotations

import types

from . import shapes

_names: dict[str, frozenset[str]] = {}


def names_in(of: type, packages: tuple[str, ...]) -> frozenset[str]:
    """Return the names in the methods of a class and its bases, as far as they are of these packages; read once.

    ``packages``: as modules begin, ``socketio.`` for one.
    """
    key = shapes.name_of_type(of)
    if key not in _names:
        bases = [base for base in shapes.mro_of(of) if shapes.module_of_type(base).startswith(packages)]
        methods = [value for base in bases for _, value in shapes.class_items(base)]
        _names[key] = names_of([each.__code__ for each in methods if type(each) is types.FunctionType])
    return _names[key]


def names_of(codes: list[types.CodeType]) -> frozenset[str]:
    """Return the names in pieces of code, and in the functions inside them."""
    pending = list(codes)
    found: set[str] = set()
    while pending:
        code = pending.pop()
        found.update(code.co_names)
        pending.extend(each for each in code.co_consts if type(each) is types.CodeType)
    return frozenset(found)

"""The names under which code stores attributes, read off the code: an instance's own names without asking for them."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from opcode import opmap

from . import instances, kinds

_STORE, _EXTENDED = opmap["STORE_ATTR"], opmap["EXTENDED_ARG"]
_FIRST = ("__init__", "__new__")
_names: dict[str, tuple[str, ...]] = {}


def names_in(of: type, packages: tuple[str, ...]) -> tuple[str, ...]:
    """Return the attributes that the methods of a class and its bases, those of these packages, may store; read once.

    What else an instance has was put there by somebody else. ``packages``: as modules begin, ``socketio.`` for one.
    """
    key = kinds.name_of_type(of)
    if key not in _names:
        bases = [base for base in kinds.mro_of(of) if kinds.module_of_type(base).startswith(packages)]
        _names[key] = tuple(plain_names(of, bases))
    return _names[key]


def plain_names(of: type, bases: Iterable[type]) -> Iterator[str]:
    """Yield, each once, the names under which methods of these bases may store what can be read plainly.

    Those of ``__init__`` come first: most attributes are made there.
    """
    told: set[str] = set()
    for code in methods_of(bases):
        for name in stored_by(code):
            if name not in told:
                told.add(name)
                if instances.is_plainly_readable(of, name):
                    yield name


def methods_of(bases: Iterable[type]) -> Iterator[types.CodeType]:
    """Yield the code of each method of these classes."""
    methods = [item for base in bases for item in kinds.class_items(base) if type(item[1]) is types.FunctionType]
    for _, method in sorted(methods, key=lambda item: item[0] not in _FIRST):
        yield method.__code__


def stored_by(code: types.CodeType) -> Iterator[str]:
    """Yield the names that code, functions in it included, stores attributes under, or has as texts (``setattr``)."""
    packed, extended = code.co_code, 0
    for at in range(0, len(packed), 2):
        argument = packed[at + 1] | extended
        if packed[at] == _STORE:
            yield code.co_names[argument]
        extended = argument << 8 if packed[at] == _EXTENDED else 0
    for constant in code.co_consts:
        if type(constant) is types.CodeType:
            yield from stored_by(constant)
        elif type(constant) is str and constant.isidentifier():
            yield constant

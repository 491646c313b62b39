"""A chain of objects, from a root to what it keeps alive, in words: what each step is, and how it is held."""

from __future__ import annotations

import os
import types
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from ..census import localvariables, roots
from ..objects import instances, kinds, lrucaches, masking
from ..objects.attributes import is_attribute_dict
from ..origin import loaded, modulenames
from ..process import counts

LONGEST_TEXT, LONGEST_READ = 80, 1000
FEW_KEYS = 32  # of a mapping with no more entries than that, the key is worth saying
LONGEST_KEY = 40
LARGEST_KEY = 10**LONGEST_KEY
_THROUGH = frozenset(map(id, (types.CellType, tuple)))  # steps that say nothing by themselves


def describe_path(chain: list[Any]) -> list[str]:
    """Return a chain in words, a step a line: those that say nothing are left out, and those that repeat are one."""
    steps = [describe(chain[0])]
    holder = chain[0]
    for index, thing in enumerate(chain[1:], start=1):
        is_last = index == len(chain) - 1
        if not is_last and (id(type(thing)) in _THROUGH or is_namespace(holder, thing)):
            continue
        label = label_of(holder, thing)
        steps.append(f"{label}: {describe(thing)}" if label else describe(thing))
        holder = thing
    return [say_repeated(step, len(list(alike))) for step, alike in groupby(steps)]


def say_repeated(step: str, times: int) -> str:
    """Return a step with how often it comes in a row, as in a linked list."""
    return step if times == 1 else f"{step} ({times:,} in a row)"


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
    told = say_key(keys[0]) if keys else "*"
    return told if len(told) <= LONGEST_KEY else "*"


def say_key(key: Any) -> str:
    """Return a plain key; none of a session or a person."""
    return repr(masking.mask_key(key)) if type(key) is str else repr(key)


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
    return f"exception {kinds.describe_type(type(error))}({masking.mask(text[:LONGEST_READ])[:LONGEST_TEXT]!r})"


def where(execution: Any) -> str:
    """Return at which line a frame, coroutine or generator stands."""
    frame = localvariables.frame_of(execution)
    return f" at {os.path.basename(kinds.plain_text(frame.f_code.co_filename))}:{frame.f_lineno}" if frame else ""  # noqa: PTH119 -- no pathlib

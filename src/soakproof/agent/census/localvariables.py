"""What frames, coroutines and generators hold in their locals.

The referents are read first, which leaves no trace. Only where they show a container that nobody else owns are the
names asked for: before Python 3.13 that makes a snapshot dict which stays with the frame and keeps what it names alive,
so it is emptied again where nobody else can have it.
"""

from __future__ import annotations

import gc
import os
import sys
import types
from typing import Any, Optional

from ..objects import kinds, unreadable
from ..origin import classification, loaded, modulenames, sourcelines
from ..origin.classification import APPLICATION
from .walk import HOLDERS, Place, Walk

LOCALS = "<locals>"
NAMED = frozenset((kinds.INSTANCE, kinds.BUFFER))
LONG_TEXT = 1024
_OPTIMIZED = 0x1  # inspect.CO_OPTIMIZED: a function's frame, whose f_locals is a snapshot and not a namespace


def add_locals(walk: Walk, executions: list[Any], *, of_application: bool) -> None:
    """Add the containers in the locals of frames, coroutines and generators of the application, or of the others."""
    modules: dict[str, str] = {}
    for execution in executions:
        code = code_of(execution)
        file = kinds.plain_text(code.co_filename) if code is not None else ""
        if code is None or sourcelines.is_own_file(file):
            continue
        if sourcelines.is_application_file(file) is not of_application:
            continue
        held = [thing for thing in held_by(execution) if is_fresh(walk, thing, of_application=of_application)]
        is_named = of_application and (held or is_running(execution))
        named = (unreadable.attempt(type(execution), named_locals, execution) or []) if is_named else []
        if not held and not named:
            continue
        modules = modules or modules_by_file()
        unreadable.attempt(type(execution), add_execution, walk, execution, held, named, module_of(file, modules))


def add_execution(walk: Walk, execution: Any, held: list[Any], named: list[tuple[str, Any]], module: str) -> None:
    """Add what one execution holds: by the names of its locals where it is the application's, else all together."""
    code = code_of(execution)
    assert code is not None
    path = f"{module}:{qualname_of(execution, code)}.{LOCALS}"
    origin = sourcelines.origin_of_code(kinds.plain_text(code.co_filename))
    place = Place(origin, module, 3, enters_foreign=origin == APPLICATION)
    if origin != APPLICATION:
        walk.add(path, held, place)
    for name, thing in named:
        if is_fresh(walk, thing, of_application=True):
            walk.add(f"{path}.{name}", [thing], place)


def is_running(execution: Any) -> bool:
    """Tell whether a frame is on a stack: from Python 3.11 on such a frame shows no referents, and must be asked."""
    return type(execution) is types.FrameType and sys.version_info >= (3, 11)


def module_of(file: str, modules: dict[str, str]) -> str:
    """Return the module that the code of a file was loaded in, ``?`` where no module says so."""
    return modules.get(file) or modules.get(os.path.abspath(file), "?")  # noqa: PTH100 -- no pathlib


def is_fresh(walk: Walk, thing: Any, *, of_application: bool) -> bool:
    """Tell whether a local is worth a name: a container, or what an application may keep containers in."""
    kind = walk.kinds.of(type(thing))
    wanted = kind in HOLDERS or (of_application and (kind in NAMED or is_long(kind, thing)))
    return wanted and id(thing) not in walk.seen


def is_long(kind: int, thing: Any) -> bool:
    """Tell whether it is a text that is worth a name: functions have many short ones."""
    return kind == kinds.TEXT and len(thing) >= LONG_TEXT


# Python's own executions alone are asked: an attribute of any other object may be a function of the target.
_CODE_AND_FRAME: dict[int, tuple[str, str]] = {  # by the id of the type, whose metaclass may define ``__hash__``
    id(types.FrameType): ("f_code", ""),
    id(types.CoroutineType): ("cr_code", "cr_frame"),
    id(types.GeneratorType): ("gi_code", "gi_frame"),
    id(types.AsyncGeneratorType): ("ag_code", "ag_frame"),
}


def code_of(execution: Any) -> Optional[types.CodeType]:
    """Return the code that a frame, coroutine or generator runs, None for anything else."""
    names = _CODE_AND_FRAME.get(id(type(execution)))
    return getattr(execution, names[0]) if names else None


def frame_of(execution: Any) -> Optional[types.FrameType]:
    """Return the frame of a coroutine or generator, None once it has ended; a frame is its own."""
    names = _CODE_AND_FRAME.get(id(type(execution)))
    if names is None:
        return None
    frame: Optional[types.FrameType] = getattr(execution, names[1]) if names[1] else execution
    return frame


def qualname_of(execution: Any, code: types.CodeType) -> str:
    """Return the qualified name of the function that runs; before 3.11 a bare frame knows only its plain name."""
    name = getattr(code, "co_qualname", None) or getattr(execution, "__qualname__", None) or code.co_name
    return kinds.plain_text(name)


def held_by(execution: Any) -> list[Any]:
    """Return what an execution's locals refer to, cells resolved, without making a frame where there is none."""
    held: list[Any] = []
    for thing in gc.get_referents(execution):
        if type(thing) is types.CellType:
            held.extend(gc.get_referents(thing))
        elif type(thing) is types.FrameType and type(execution) is not types.FrameType:
            held.extend(held_by(thing))
        else:
            held.append(thing)
    if type(execution) is types.FrameType:
        outer = (execution.f_globals, execution.f_builtins)
        held = [thing for thing in held if thing is not outer[0] and thing is not outer[1]]
    return held


def named_locals(execution: Any) -> list[tuple[str, Any]]:
    """Return ``(name, value)`` of the locals of a function that runs; nothing for the frame of a module or class."""
    frame = frame_of(execution)
    if frame is None or not frame.f_code.co_flags & _OPTIMIZED:
        return []
    snapshot = frame.f_locals
    if sys.version_info < (3, 13) and type(snapshot) is not dict:  # code that `exec` was given a mapping of its own for
        return []
    named = list(snapshot.items())
    if sys.version_info < (3, 13) and frame.f_trace is None and sys.getrefcount(snapshot) <= _UNSHARED:
        snapshot.clear()
    return named


_UNSHARED = 3  # the frame's own reference, the local variable's, and getrefcount's argument


def modules_by_file() -> dict[str, str]:
    """Return the name of the module that each file was loaded as."""
    files = dict(modulenames.unlisted_names())
    for name, module in loaded.modules():
        if name != "__mp_main__":
            file = classification.file_of(module)
            if file:
                files[file] = modulenames.tell(name)
    return files

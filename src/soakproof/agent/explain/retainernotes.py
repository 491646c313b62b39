"""What keeps an object, in a sentence: a traceback, suspended code, a closure, a partial, a context, or a cycle.

An object is explained by what stands between it and the nearest container on its chain of retainers; the entries of a
container by what they are themselves, where that keeps more than it seems to.
"""

from __future__ import annotations

import atexit
import contextvars
import functools
import gc
import os
import types
import weakref
from collections.abc import Iterator
from typing import Any, Optional

from ..census import localvariables
from ..objects import kinds
from ..objects.frozen import is_frozen
from ..origin import classification, sourcelines
from ..process import counts
from ..trace.linetracer import traceback_of
from . import retainerpaths

MANY_CALLBACKS = 50

_partial_function: Any = functools.partial.__dict__["func"].__get__


def note_on(chain: Optional[list[Any]], samples: list[Any]) -> Optional[str]:
    """Return one sentence on what is remarkable about a chain of retainers, the kept object at its end."""
    if chain is None:
        return note_on_cycle(samples)
    holders = [*holders_without_container(chain)]
    error = next((thing for thing in holders if kinds.is_of(thing, BaseException)), None)
    if error is not None:
        return f"Kept by the traceback of {say_exception(error)}."
    return next(
        (f"Kept by {words}." for thing in holders if (words := say_retainer(thing, chain))), note_on_weak(chain)
    )


def note_on_weak(chain: list[Any]) -> Optional[str]:
    """Return one sentence on a mapping from weak keys whose values keep what they belong to."""
    if not any(kinds.is_of(thing, weakref.WeakKeyDictionary) for thing in chain):
        return None
    return "Kept in a WeakKeyDictionary: its entries go with their keys alone, so a value that leads to its key stays."


def holders_without_container(chain: list[Any]) -> Iterator[Any]:
    """Yield what leads to the end of a chain, nearest first, up to the nearest container that is no mere namespace."""
    for at in range(len(chain) - 2, -1, -1):
        thing = chain[at]
        if kinds.kind_of_type(type(thing)) in kinds.CONTAINERS:
            if at and not retainerpaths.is_namespace(chain[at - 1], thing):
                return
            continue
        yield thing


def say_retainer(thing: Any, chain: list[Any]) -> Optional[str]:
    """Return in words how code that waits, or is to be called, keeps what it knows; None for anything else."""
    if localvariables.code_of(thing) is not None:
        return f"the locals of {retainerpaths.describe(thing)}"
    if type(thing) is types.CellType:
        function = next((each for each in reversed(chain) if type(each) is types.FunctionType), None)
        return f"the closure of {say_function(function)}" if function else "the closure of a function"
    if kinds.is_of(thing, functools.partial):
        return f"the arguments of {say_partial(thing)}"
    if type(thing) is types.MethodType:
        late = ", to be called later (call_later, call_at)" if any(map(is_timer, chain)) else ""
        return f"the bound method {say_callable(thing)}{late}"
    if type(thing) is contextvars.Context:
        return f"the context variable {say_variable(thing, chain)}"
    return None


def is_timer(thing: Any) -> bool:
    """Tell whether a thing is a call that an event loop has been asked to make later."""
    return kinds.name_of_type(type(thing)) in ("asyncio.events:TimerHandle", "uvloop.loop:TimerHandle")


def note_on_cycle(samples: list[Any]) -> str:
    """Return one sentence on objects to which no root leads."""
    if not gc.isenabled():
        return "A reference cycle that the collector does not free: gc is disabled."
    if is_frozen() or not any(map(gc.is_tracked, samples)):
        return "A reference cycle that the collector does not free: objects are frozen (gc.freeze)."
    callbacks: int = atexit._ncallbacks()
    if callbacks >= MANY_CALLBACKS:
        return f"No module, frame or task leads to it; atexit keeps {callbacks:,} callbacks and what they hold."
    return "No module, frame or task leads to it: it is held outside Python, or awaits collection."


def note_on_totals() -> str:
    """Return one sentence on objects that no container and no type accounts for."""
    if is_frozen():
        frozen = f"{gc.get_freeze_count():,} objects are frozen (gc.freeze)"
        return f"{frozen}: the collector does not look at them, so cycles among them are never freed."
    if not gc.isenabled():
        return "gc is disabled, so reference cycles are never freed."
    return "Only a count of the whole process; see the containers and types that grew with it."


def note_on_entries(entries: list[Any]) -> Optional[str]:
    """Return one sentence on the entries of a container, where they keep more than they seem to."""
    told = say_entry(entries[-1]) if entries else None
    return f"An entry is {told}." if told else None


def say_entry(thing: Any) -> Optional[str]:
    """Return in words what an entry is and keeps, None for plain things."""
    if kinds.is_of(thing, BaseException):
        return f"{say_exception(thing)}; its traceback keeps the frames that it went through, and their locals"
    if kinds.is_of(thing, weakref.ref) and weakref.ref.__call__(thing) is None:
        return "a weak reference of which the object is gone; the reference itself stays"
    return say_execution(thing) or say_held_callable(thing)


def say_execution(thing: Any) -> Optional[str]:
    """Return in words an entry that is suspended code."""
    if counts.is_task(thing):
        return f"the task {counts.task_name(thing)}, which {say_waiting(counts.coroutine_of(thing))}"
    if localvariables.code_of(thing) is not None:
        return f"the {retainerpaths.describe(thing)}, which keeps its locals until it ends"
    return None


def say_held_callable(thing: Any) -> Optional[str]:
    """Return in words an entry that can be called, and keeps something for that."""
    if type(thing) is types.FunctionType and thing.__closure__:
        return f"{say_function(thing)}; its closure keeps {', '.join(thing.__code__.co_freevars)}"
    if kinds.is_of(thing, functools.partial):
        return f"{say_partial(thing)}, which keeps its arguments"
    if type(thing) is types.MethodType:
        return f"the bound method {say_callable(thing)}, which keeps its object"
    return None


def say_exception(error: Any) -> str:
    """Return an exception and where it was raised: the application's innermost frame, or the innermost of all."""
    told = retainerpaths.describe_exception(error).partition(" ")[2]
    places = [*traceback_places(traceback_of(error))]
    if not places:
        return told
    own = [place for place in places if sourcelines.is_application_file(place[1])]
    function, file, line = (own or places)[-1]
    return f"{told} raised in {function} at {os.path.basename(file)}:{line}"  # noqa: PTH119 -- no pathlib


def traceback_places(traceback: Any) -> Iterator[tuple[str, str, int]]:
    """Yield ``(function, file, line)`` of a traceback, outermost first."""
    while type(traceback) is types.TracebackType:
        code = traceback.tb_frame.f_code
        name = localvariables.qualname_of(traceback.tb_frame, code)
        yield name, kinds.plain_text(code.co_filename), traceback.tb_lineno
        traceback = traceback.tb_next


def say_waiting(coroutine: Any) -> str:
    """Return in words where a coroutine waits, and for what beyond it.

    That is the application's innermost line, a library's where it has none, and else the innermost of all.
    """
    awaited = awaited_by(coroutine)
    if not awaited:
        return "has not begun, or is done"
    own = [each for each in awaited if sourcelines.is_application_file(code_file(each))]
    foreign = [each for each in awaited if sourcelines.origin_of_code(code_file(each)) != classification.PYTHON]
    at = (own or foreign or awaited)[-1]
    beyond = f", for {retainerpaths.describe(awaited[-1])}" if awaited[-1] is not at else ""
    return f"waits{retainerpaths.where(at)} in {name_of(at)}{beyond}"


def awaited_by(coroutine: Any) -> list[Any]:
    """Return the coroutines a coroutine waits through, outermost first."""
    chain: list[Any] = []
    while coroutine is not None and localvariables.code_of(coroutine) is not None and len(chain) < MOST_AWAITED:
        chain.append(coroutine)
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
    return chain


MOST_AWAITED = 20


def code_file(execution: Any) -> str:
    """Return the file of the code that runs."""
    code = localvariables.code_of(execution)
    return kinds.plain_text(code.co_filename) if code else ""


def name_of(execution: Any) -> str:
    """Return the qualified name of what runs."""
    code = localvariables.code_of(execution)
    return localvariables.qualname_of(execution, code) if code else "?"


def say_function(function: Any) -> str:
    """Return a function and the line at which it is made."""
    code = function.__code__
    file = os.path.basename(kinds.plain_text(code.co_filename))  # noqa: PTH119 -- no pathlib
    return f"function {kinds.plain_text(function.__qualname__)} of {file}:{code.co_firstlineno}"


def say_partial(partial: Any) -> str:
    """Return a partial by the function it calls."""
    return f"functools.partial({say_callable(_partial_function(partial))})"


def say_callable(thing: Any) -> str:
    """Return the name of a function or a method, else the type."""
    if type(thing) is types.MethodType:
        return f"{kinds.describe_type(type(thing.__self__))}.{say_callable(thing.__func__)}"
    if type(thing) is types.FunctionType or type(thing) is types.BuiltinFunctionType:
        return kinds.plain_text(thing.__name__)
    return kinds.describe_type(type(thing))


def say_variable(context: Any, chain: list[Any]) -> str:
    """Return the name of the context variable through which a chain goes."""
    inside = set(map(id, chain))
    for variable, value in list(contextvars.Context.items(context)):
        if id(value) in inside:
            return kinds.plain_text(variable.name)
    return "of a context"

"""The application's event handlers: which code belongs to which Socket.IO event, and which of them fail."""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Iterator
from typing import Any, Optional

from ..explain import retainernotes
from ..objects import kinds
from ..objects.instances import read
from ..origin import sourcelines
from ..origin.sourcelines import Line
from ..process.engines import Engines

MOST_WRAPPERS = 3
_WRAPPERS: tuple[type, ...] = (types.MethodType, staticmethod, classmethod)
METHOD = "on_"  # of a class-based namespace
# How a connect handler says no, and what the end of an awaited coroutine, or of the program, looks like on the way.
NO_ERRORS = ("ConnectionRefusedError", "StopIteration", "StopAsyncIteration", "CancelledError", "GeneratorExit")

Error = tuple[str, str, Line]  # event, exception, innermost line of the application


class Handlers:
    """Tells whose handler a frame runs in, and counts the exceptions that leave one."""

    def __init__(self, engines: Engines) -> None:
        self._events = events_by_code(engines)
        self._pending: dict[int, Error] = {}
        self._raised: Counter[Error] = Counter()

    @property
    def is_empty(self) -> bool:
        """Whether no handler is known."""
        return not self._events

    def event_of(self, frame: Any) -> Optional[str]:
        """Return the event whose handler is nearest on the stack of a frame, None where there is none."""
        while frame is not None:
            event = self._events.get(id(frame.f_code))
            if event is not None:
                return event
            frame = frame.f_back
        return None

    def note_error(self, frame: Any, error: type, traceback: Any) -> None:
        """Note an exception in a frame: whether it leaves the handler shows when the frame is left."""
        event = self._events.get(id(frame.f_code))
        name = kinds.describe_type(error)
        if event is None or name.endswith(NO_ERRORS):
            return
        places = [(file, line) for _, file, line in retainernotes.traceback_places(traceback)]
        line = next((place for place in reversed(places) if sourcelines.is_application_file(place[0])), None)
        self._pending[id(frame)] = (event, name, line or (frame.f_code.co_filename, frame.f_lineno))

    def note_line(self, frame: Any) -> None:
        """Note that a frame goes on: what was raised in it has been caught."""
        if self._pending:
            self._pending.pop(id(frame), None)

    def note_exit(self, frame: Any) -> None:
        """Note that a frame is left: what is still pending in it has left the handler too."""
        error = self._pending.pop(id(frame), None) if self._pending else None
        if error is not None:
            self._raised[error] += 1

    def raised(self) -> list[dict[str, Any]]:
        """Return the exceptions that left a handler, the most frequent first."""
        return [
            {"event": event, "error": name, "count": count, **sourcelines.describe_line(line)}
            for (event, name, line), count in self._raised.most_common()
        ]


def events_by_code(engines: Engines) -> dict[int, str]:
    """Return the event of each handler's code by its ``id``; a wrapper's, which serves many, tells of none."""
    found: dict[int, str] = {}
    ambiguous: set[int] = set()
    for event, handler in handlers_of(engines):
        for code in codes_behind(handler):
            if found.setdefault(id(code), event) != event:
                ambiguous.add(id(code))
    return {code: event for code, event in found.items() if code not in ambiguous}


def handlers_of(engines: Engines) -> Iterator[tuple[str, Any]]:
    """Yield ``(event, handler)``: the functions that are registered, and the methods of class-based namespaces."""
    for server in engines.servers("sio"):
        for by_event in dict.values(dict_of(server, "handlers")):
            items = list(dict.items(by_event)) if kinds.is_of(by_event, dict) else []
            yield from ((event, handler) for event, handler in items if type(event) is str)
        for namespace in dict.values(dict_of(server, "namespace_handlers")):
            for base in kinds.mro_of(type(namespace)):
                for name, method in kinds.class_items(base):
                    if name.startswith(METHOD):
                        yield name[len(METHOD) :], method


def dict_of(server: Any, name: str) -> dict[Any, Any]:
    """Return an attribute of a server that is a dict, an empty one where it is none."""
    found = read(server, name)
    return found if type(found) is dict else {}


def codes_behind(handler: Any) -> Iterator[types.CodeType]:
    """Yield the code of a handler, and of the functions it wraps: those that its closure holds."""
    level = [handler]
    for _ in range(MOST_WRAPPERS):
        functions = [plain for each in level if type(plain := plain_function(each)) is types.FunctionType]
        yield from (function.__code__ for function in functions)
        level = [held for function in functions for held in cells_of(function)]


def plain_function(thing: Any) -> Any:
    """Return the function behind a method, and anything else as it is."""
    return thing.__func__ if any(type(thing) is each for each in _WRAPPERS) else thing


def cells_of(function: Any) -> Iterator[Any]:
    """Yield what the closure of a function holds."""
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # an empty cell
            continue

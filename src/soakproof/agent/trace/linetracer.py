"""Calls back at every line of the application that runs: `sys.monitoring` from Python 3.12 on, trace functions before.

Python lets a thread set a trace function for itself alone; `otherthreads` sets it for those that run, and
`threading.settrace` for those that start later.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any, Callable, Optional

from ..objects import tracked
from ..origin import loaded, sourcelines, stacks
from ..origin.sourcelines import Line
from ..process import ownblocks

AtLine = Callable[[Line, Any], None]
AtExit = Callable[[Any], None]
AtError = Callable[[Any, type, Any], None]
traceback_of: Any = BaseException.__dict__["__traceback__"].__get__
TOOL_IDS = (4, 3, 5)  # of sys.monitoring's six, those that no debugger, coverage or profiler has reserved


class Tracer:
    """Calls ``at_line`` before each line of interest, and ``at_exit`` when its function is left or suspended.

    ``at_error`` is called with a frame, an exception's type and its traceback when one is raised in a function of
    interest, or passes through it, and before ``at_exit`` if it leaves it.
    """

    def __init__(self, at_line: AtLine, at_exit: AtExit, at_error: AtError, packages: frozenset[str]) -> None:
        self._at_line = at_line
        self._at_exit = at_exit
        self._at_error = at_error
        self._packages = packages

    def start(self) -> None:
        """Begin to call."""
        raise NotImplementedError

    def stop(self) -> None:
        """Call no more."""
        raise NotImplementedError

    def is_of_interest(self, file: str) -> bool:
        """Tell whether a file is the application's, or of a package whose own container is followed."""
        if type(file) is not str or sourcelines.is_own_file(file):
            return False
        return sourcelines.is_application_file(file) or any(
            f"/{package}/" in file or file.endswith(f"/{package}.py") for package in self._packages
        )


class MonitoringTracer(Tracer):
    """Watches the code objects of interest, and no others, with local events (PEP 669)."""

    _tool: Optional[int] = None

    def start(self) -> None:
        """Take a tool's place and watch every code object of interest that exists."""
        monitoring = monitoring_of_python()
        self._tool = next((tool for tool in TOOL_IDS if monitoring.get_tool(tool) is None), None)
        if self._tool is None:
            raise RuntimeError("all tools of sys.monitoring are taken")
        events = monitoring.events
        monitoring.use_tool_id(self._tool, "soakproof")
        monitoring.register_callback(self._tool, events.LINE, self._on_line)
        monitoring.register_callback(self._tool, events.PY_RESUME, self._on_resume)
        for event in (events.PY_RETURN, events.PY_YIELD):
            monitoring.register_callback(self._tool, event, self._on_exit)
        monitoring.register_callback(self._tool, events.PY_UNWIND, self._on_unwind)
        monitoring.set_events(self._tool, events.PY_UNWIND)  # the one that cannot be local
        watched = events.LINE | events.PY_RESUME | events.PY_RETURN | events.PY_YIELD
        codes = [code for code in codes_in_memory() if self.is_of_interest(code.co_filename)]
        with ownblocks.Taking():
            for code in codes:
                monitoring.set_local_events(self._tool, code, watched)
        monitoring.restart_events()

    def stop(self) -> None:
        """Give the tool's place back."""
        if self._tool is None:
            return
        monitoring = monitoring_of_python()
        for code in codes_in_memory():
            if monitoring.get_local_events(self._tool, code):
                monitoring.set_local_events(self._tool, code, 0)
        monitoring.set_events(self._tool, 0)
        monitoring.free_tool_id(self._tool)
        self._tool = None

    def _on_line(self, code: types.CodeType, number: int) -> None:
        self._at_line((code.co_filename, number), sys._getframe(1))

    def _on_resume(self, code: types.CodeType, _offset: int) -> None:
        """A coroutine resumes in the middle of a line, and says so by no line event."""
        frame = sys._getframe(1)
        self._at_line((code.co_filename, frame.f_lineno), frame)

    def _on_exit(self, _code: types.CodeType, _offset: int, _value: Any) -> None:
        self._at_exit(sys._getframe(1))

    def _on_unwind(self, code: types.CodeType, _offset: int, error: BaseException) -> None:
        if self.is_of_interest(code.co_filename):
            frame = sys._getframe(1)
            self._at_error(frame, type(error), traceback_of(error))
            self._at_exit(frame)


def monitoring_of_python() -> Any:
    """Return `sys.monitoring`, of which a type checker for Python 3.11 knows nothing."""
    return vars(sys)["monitoring"]


class FunctionTracer(Tracer):
    """Watches frames of interest with trace functions, in the threads that run and in those to come."""

    _is_on = False

    def start(self) -> None:
        """Hand the trace function to every thread."""
        import threading

        from . import otherthreads  # which needs ctypes, and newer Pythons do without

        self._is_on = True
        self._hook, self._on_running = self._on_call, self._on_event  # one object each, by which it is known again
        if loaded.attribute("threading", "_trace_hook") is None:  # a debugger's, or coverage's, stays
            threading.settrace(self._hook)
        otherthreads.set_trace_elsewhere(self._hook)
        for frame in self._running_frames():  # a loop that runs for ever is never called again
            if frame.f_trace is None:
                frame.f_trace = self._on_running

    def stop(self) -> None:
        """Take the trace function back; where it cannot be, it takes itself back at its next call."""
        import threading

        from . import otherthreads

        self._is_on = False
        if loaded.attribute("threading", "_trace_hook") is self._hook:
            threading.settrace(None)
        otherthreads.end_trace_elsewhere(self._hook)
        for frame in self._running_frames():
            if frame.f_trace is self._on_running:
                frame.f_trace = None

    def _running_frames(self) -> Iterator[types.FrameType]:
        return (each for each in stacks.running_frames() if self.is_of_interest(each.f_code.co_filename))

    def _on_call(self, frame: types.FrameType, _event: str, _argument: Any) -> Any:
        if not self._is_on:
            sys.settrace(None)
            return None
        if not self.is_of_interest(frame.f_code.co_filename):
            return None
        self._at_line((frame.f_code.co_filename, frame.f_lineno), frame)  # a coroutine resumes in the middle of a line
        return self._on_event

    def _on_event(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        if not self._is_on:
            return None
        if event == "line":
            self._at_line((frame.f_code.co_filename, frame.f_lineno), frame)
        elif event == "exception":
            self._at_error(frame, argument[0], argument[2])
        elif event == "return":
            self._at_exit(frame)
        return self._on_event


def make_tracer(at_line: AtLine, at_exit: AtExit, at_error: AtError, packages: frozenset[str]) -> Tracer:
    """Return the tracer for this version of Python."""
    kind = MonitoringTracer if sys.version_info >= (3, 12) else FunctionTracer
    return kind(at_line, at_exit, at_error, packages)


def codes_in_memory() -> Iterator[types.CodeType]:
    """Yield the code of all functions, coroutines and generators that exist, and of the functions inside them."""
    pending = [thing.__code__ for thing in tracked.objects() if type(thing) is types.FunctionType]
    seen: set[int] = set()
    while pending:
        code = pending.pop()
        if id(code) not in seen:
            seen.add(id(code))
            yield code
            pending.extend(each for each in code.co_consts if type(each) is types.CodeType)

"""The stacks of the target's threads, and what of them lies beneath an event loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import unpatched
from ..objects import instances, kinds
from ..process import subinterpreters
from . import loaded
from .sourcelines import Line


def running_stacks() -> Iterator[tuple[int, list[Any]]]:
    """Yield ``(thread's ident, its frames, innermost first)`` of all threads but the agent's."""
    for ident, innermost in list(subinterpreters.current_frames().items()):
        if ident != unpatched.get_ident():
            yield ident, list(frames_from(innermost))


def frames_from(frame: Any) -> Iterator[Any]:
    """Yield a frame and those that called it."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def lines_from(frame: Any) -> Iterator[Line]:
    """Yield the lines of a frame and of those that called it."""
    for each in frames_from(frame):
        yield kinds.plain_text(each.f_code.co_filename), each.f_lineno or 0


def running_frames() -> Iterator[Any]:
    """Yield the frames of all threads but the agent's."""
    for _, stack in running_stacks():
        yield from stack


def lines_beneath_loops() -> frozenset[Line]:
    """Return the lines at which threads that run an event loop stand: asked at rest, those are what started it.

    The main thread of a server stands in its loop, whatever loop that is; another thread runs one where asyncio is on
    its stack.
    """
    main = main_ident()
    return frozenset(
        line
        for ident, stack in running_stacks()
        if ident == main or any(map(is_loops, stack))
        for line in lines_from(stack[0])
    )


def main_ident() -> Any:
    """Return the ident of the main thread, None where Python's ``threading`` was never loaded."""
    return instances.read(loaded.attribute("threading", "_main_thread"), "_ident")


def is_loops(frame: Any) -> bool:
    """Tell whether a frame is of Python's own event loop."""
    module = dict.get(frame.f_globals, "__name__")
    return type(module) is str and module.startswith("asyncio.")

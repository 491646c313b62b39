"""Growth per allocation site, by tracemalloc: what each line of the application has allocated since a mark and kept.

A traceback belongs to the application's line nearest to the allocation, if it has one, and to the innermost line
otherwise. Between mark and growth only sums per line are kept.
"""

from __future__ import annotations

import gc
import importlib
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Optional

from ..census import localvariables
from ..objects import kinds, tracked
from ..origin import classification, outlines, sourcelines, stacks
from ..origin.sourcelines import Line
from ..process import counts, foreign, libc, pymalloc, subinterpreters
from ..process.garbage import collect
from .linesums import (
    NOTHING,
    Gathered,
    LineSum,
    StackSums,
    gather_sizes,
    grown_stacks,
    line_of,
    sum_by_line,
    sum_by_stack,
)
from .marked import Marked
from .unnoticed import Unnoticed

MOST_FRAMES = 50
MOST_SITES = 8
MOST_LOOKED_UP = 2000
# What explaining loads late is loaded before tracing starts, so that it is not mistaken for the target's growth.
_NEEDED_TO_TELL = ("dis", "heapq", "linecache", "tokenize")
_HEADER_BYTES_3_11 = 32  # the collector's two words, and the two that precede an instance with a managed dict


class Tracing:
    """One tracemalloc session: started, marked, read, stopped."""

    def __init__(self) -> None:
        self._is_ours = False
        self.is_begun = False
        self.unnoticed = Unnoticed()
        self._marked: Optional[dict[Line, LineSum]] = None
        self._marked_stacks: StackSums = {}
        self._fds: frozenset[tuple[int, str]] = frozenset()
        self._beneath: frozenset[Line] = frozenset()
        self._forget()

    def _forget(self) -> None:
        self._marked = None
        self._marked_stacks = {}
        self.marked = Marked()
        self._fds = frozenset()
        self._beneath = frozenset()

    @property
    def is_on(self) -> bool:
        """Whether allocations are being traced."""
        tracemalloc = sys.modules.get("tracemalloc")
        return bool(tracemalloc and tracemalloc.is_tracing())

    def start(self, frames: int) -> bool:
        """Trace allocations from now on, with so many frames each; False where that might end the target.

        All but the lines is told then: what came after the mark, and who keeps it.
        """
        self.is_begun = True
        if subinterpreters.are_endangered():
            return False
        import tracemalloc

        for name in _NEEDED_TO_TELL:
            importlib.import_module(name)
        libc.load()
        self._is_ours = self._is_ours or not tracemalloc.is_tracing()
        tracemalloc.start(max(1, min(frames, MOST_FRAMES)))
        self.unnoticed.find()
        return True

    def mark(self) -> None:
        """Remember this moment: what is allocated, and which objects live."""
        self._settle()
        self._beneath = stacks.lines_beneath_loops()
        gathered = self._gather()
        self._marked = sum_by_line(gathered, self._beneath)
        self._marked_stacks = sum_by_stack(gathered)
        self.marked.note()
        self._fds = frozenset(counts.open_fds(set()))

    def growth(self, top: int, *, is_described: bool) -> dict[str, Any]:
        """Return the lines whose kept allocations have grown most since the mark, in bytes, and what all came to.

        To say which function a line is in takes reading its file: of many lines leave that out.
        """
        self._settle()
        grown = []
        now, before = sum_by_line(self._gather(), self._beneath), self._marked or {}
        for line, kept in now.items():
            gained = kept.less(before.get(line, NOTHING))
            if gained.bytes > 0:
                grown.append((gained, line))
        grown.sort(key=lambda each: (-each[0].bytes, -each[0].number, each[1]))
        tell = sourcelines.describe_line if is_described else sourcelines.name_line
        return {
            "sites": [
                {**tell(line), "bytes": gained.bytes, "count": gained.number, "sizes": gained.sizes}
                for gained, line in grown[:top]
            ],
            "count": sum(each.number for each in now.values()) - sum(each.number for each in before.values()),
        }

    def stacks(self, top: int) -> dict[str, Any]:
        """Return the stacks whose kept allocations have grown most since the mark, outermost first, and their frames.

        Each has the line that it belongs to; the agent's own, and what is beneath event loops, are left out.
        """
        self._settle()
        table: dict[Line, int] = {}
        told = []
        for size, number, stack in grown_stacks(self._gather(), self._marked_stacks):
            line = line_of(stack, self._beneath)
            if line is None:
                continue
            frames = [each for each in reversed(stack) if each not in self._beneath] or [line]
            places = [table.setdefault(each, len(table)) for each in frames]
            told.append({"frames": places, "line": table.setdefault(line, len(table)), "bytes": size, "count": number})
            if len(told) == top:
                break
        return {"stacks": told, "frames": outlines.describe_frames(list(table))}

    def _gather(self) -> Gathered:
        """Return the sizes of what is traced now, by stack."""
        traces = raw_traces()
        self.unnoticed.go_on()
        return gather_sizes(traces)

    def stop(self) -> None:
        """Trace no more, unless the target itself had begun to, and forget the mark."""
        self.end()
        self._forget()

    def end(self) -> None:
        """Trace no more, unless the target itself had begun to; what lived at the mark is still known."""
        tracemalloc = sys.modules.get("tracemalloc")
        if tracemalloc and self._is_ours:
            tracemalloc.stop()
        self._is_ours = self.is_begun = False

    def is_new_fd(self, fd: int, target: str) -> bool:
        """Tell whether a descriptor was opened after the mark."""
        return (fd, target) not in self._fds

    def sites(
        self, things: Iterable[Any], site_of: Optional[Callable[[Any], Optional[Line]]] = None
    ) -> list[dict[str, Any]]:
        """Return the lines that allocated these things, the most frequent first; empty when nothing was traced.

        Of very many things each so many-th is looked at, and stands for those that are passed over.

        Args:
            things: what was allocated.
            site_of: tells the line of one, where that is not simply who allocated it.
        """
        site_of = site_of or self.site_of
        number: Counter[Line] = Counter()
        size: Counter[Line] = Counter()
        every = list(things)
        step = len(every) // MOST_LOOKED_UP + 1
        for thing in every[::step]:
            line = site_of(thing)
            if line is not None:
                number[line] += 1
                size[line] += kinds.own_bytes(thing)
        return [
            {**sourcelines.describe_line(line), "count": count * step, "bytes": size[line] * step}
            for line, count in number.most_common(MOST_SITES)
        ]

    def traced_tuples(self) -> list[Any]:
        """Return the tuples that were allocated since tracing began, found through who holds them (`tracked`)."""
        found: dict[int, Any] = {}
        holders = [thing for thing in tracked.objects() if type(thing) is not types.ModuleType] if self.is_on else []
        while holders:
            held = {id(each): each for each in gc.get_referents(*holders) if type(each) is tuple}
            holders = [each for key, each in held.items() if key not in found and allocation_stack(each)]
            found.update((id(each), each) for each in holders)
        return list(found.values())

    def site_of(self, thing: Any) -> Optional[Line]:
        """Return the line that allocated an object, None where it was not traced, or where the agent made it."""
        stack = allocation_stack(thing) if self.is_on else ()
        return line_of(stack, self._beneath) if stack else None

    def caller_of(self, coroutine: Any) -> Optional[Line]:
        """Return the line that called a coroutine function: its own comes before that, from Python 3.11 on."""
        stack = allocation_stack(coroutine) if self.is_on else ()
        code = localvariables.code_of(coroutine) if stack else None
        if code is not None and stack[0] == (kinds.plain_text(code.co_filename), code.co_firstlineno):
            stack = stack[1:]
        return line_of(stack, self._beneath) if stack else None

    def callers_of(self, thing: Any) -> list[Line]:
        """Return the lines that led to an object, innermost first, Python's own and those beneath a loop left out."""
        stack = allocation_stack(thing) if self.is_on else ()
        return [
            line
            for line in stack
            if line not in self._beneath and sourcelines.origin_of_code(line[0]) != classification.PYTHON
        ]

    def _settle(self) -> None:
        """Collect garbage, and empty the cache that keeps the names of look-ups: what it exchanges looks like growth.

        What is freed meanwhile is the target's, and its traces have to go.
        """
        self.unnoticed.be_seen()
        collect()
        pymalloc.forget_names()
        self.unnoticed.go_on()

    def is_own(self, thing: Any) -> bool:
        """Tell whether an object is known to be one that the agent made: what it looks with is there while it looks.

        Where the agent goes unnoticed, that is what came after the mark without a trace.
        """
        stack = allocation_stack(thing) if self.is_on else ()
        if not stack:
            return self.is_on and self.unnoticed.is_possible
        return any(sourcelines.is_own_file(file) for file, _ in stack)


def allocation_stack(thing: Any) -> tuple[Line, ...]:
    """Return the lines at which an object was allocated, innermost first; empty where it was not traced."""
    import tracemalloc

    traceback = tracemalloc.get_object_traceback(thing)
    if traceback:
        return tuple((frame.filename, frame.lineno) for frame in reversed(traceback))
    ctypes = foreign.load() if sys.version_info[:2] == (3, 11) else None
    if ctypes is None:
        return ()
    # Python 3.11 looks for an instance with a ``__dict__`` 16 bytes behind where it was allocated.
    look_up = ctypes.pythonapi._PyTraceMalloc_GetTraceback
    look_up.argtypes, look_up.restype = (ctypes.c_uint, ctypes.c_size_t), ctypes.py_object
    return look_up(0, id(thing) - _HEADER_BYTES_3_11) or ()


def raw_traces() -> Any:
    """Return tracemalloc's ``(domain, bytes, ((file, line), ...), frames)`` of all that is allocated."""
    tracemalloc = sys.modules.get("tracemalloc")
    if tracemalloc is None or not tracemalloc.is_tracing():
        return ()
    traces: Any = tracemalloc.take_snapshot().traces
    return traces._traces

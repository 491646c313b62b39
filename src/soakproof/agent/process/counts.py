"""Counts of things that are no containers: objects, blocks, bytes, tasks, greenlets, threads, file descriptors."""

from __future__ import annotations

import functools
import gc
import operator
import os
import re
import sys
import types
import weakref
from collections.abc import Iterable, Iterator
from itertools import chain, filterfalse
from typing import Any

from .. import unpatched
from ..objects import instances, kinds
from ..objects.liveobjects import LiveObjects

_DIGITS = re.compile(r"\d+")
_is_none = functools.partial(operator.is_, None)


def count_heap(objects: int, blocks: int) -> dict[str, float]:
    """Return live objects (those frozen out of the collector's sight included) and allocated blocks."""
    frozen = gc.get_freeze_count()
    heap = {"heap:objects": float(objects + frozen)}
    if frozen:
        heap["heap:frozen"] = float(frozen)
    if blocks:  # 0 under PYTHONMALLOC=malloc
        heap["heap:blocks"] = float(blocks)
    return heap


def count_blocks(total: int, by_size: dict[int, int], own: dict[int, int]) -> dict[str, float]:
    """Return allocated blocks by size, the agent's own taken out; the larger ones, which are malloc's, together."""
    if not by_size:
        return {}
    counts = {f"blocks:{size}": float(count - own.get(size, 0)) for size, count in by_size.items()}
    return {**counts, "blocks:large": float(total - sum(by_size.values()))}


def count_tasks(live: LiveObjects) -> dict[str, float]:
    """Return the asyncio tasks that are not done, in all and by coroutine, and the greenlets that are not dead."""
    counts: dict[str, float] = {"task:total": 0.0}
    for name in task_names(live):
        counts["task:total"] += 1
        counts[f"task:{name}"] = counts.get(f"task:{name}", 0.0) + 1
    return counts


def task_names(live: LiveObjects) -> Iterator[str]:
    """Yield the name of each pending task's coroutine, and ``greenlet`` for each live greenlet."""
    for task in tasks_in(live):
        yield task_name(task)
    for _ in greenlets_in(live):
        yield "greenlet"


def tasks_in(live: LiveObjects) -> Iterator[Any]:
    """Yield the asyncio tasks that are not done."""
    asyncio = sys.modules.get("asyncio")
    base = getattr(asyncio, "Task", None)
    if base is None:
        return
    for key, things in live.groups.items():
        if kinds.has_base(live.types[key], base):
            yield from (task for task in things if not base.done(task))


def count_known_tasks() -> int:
    """Return how many tasks are pending as asyncio itself keeps count, without greenlets.

    A loop of C alone: where pings are slow there are ten thousand, and they are counted twice a second.
    """
    tasks = sys.modules.get("asyncio.tasks")
    if tasks is None:
        return 0
    registries = [getattr(tasks, name, None) or () for name in ("_scheduled_tasks", "_eager_tasks", "_all_tasks")]
    known = chain.from_iterable(map(members, registries))
    return sum(map(operator.not_, map(tasks.Task.done, known)))


def members(registry: Any) -> Iterable[Any]:
    """Return what is in a set, or alive in a ``WeakSet``, without a step of Python for each."""
    if not hasattr(registry, "data"):
        return list(registry)
    return filterfalse(_is_none, map(weakref.ref.__call__, list(registry.data)))


def is_task(thing: Any) -> bool:
    """Tell whether a thing is an asyncio task."""
    base = getattr(sys.modules.get("asyncio"), "Task", None)
    return base is not None and kinds.is_of(thing, base)


def task_name(task: Any) -> str:
    """Return the name of a task's coroutine."""
    return name_of_coroutine(coroutine_of(task))


def coroutine_of(task: Any) -> Any:
    """Return the coroutine that a task runs."""
    return sys.modules["asyncio"].Task.get_coro(task)


def name_of_coroutine(coroutine: Any) -> str:
    """Return a coroutine's qualified name, or its type's where it is none of Python's own."""
    if type(coroutine) in (types.CoroutineType, types.GeneratorType):
        name: str = coroutine.__qualname__
        return name
    return kinds.describe_type(type(coroutine))


def greenlets_in(live: LiveObjects) -> Iterator[Any]:
    """Yield the greenlets that are not dead."""
    base = getattr(sys.modules.get("greenlet"), "greenlet", None)
    if base is None:
        return
    dead = kinds.class_attribute(base, "dead")
    for key, things in live.groups.items():
        if kinds.has_base(live.types[key], base):
            yield from (each for each in things if not dead.__get__(each))


def greenlet_frames(live: LiveObjects) -> Iterator[Any]:
    """Yield the frames of the greenlets that are switched out, innermost first."""
    base: Any = getattr(sys.modules.get("greenlet"), "greenlet", None)
    for each in greenlets_in(live):
        frame = kinds.class_attribute(base, "gr_frame").__get__(each)
        while frame is not None:
            yield frame
            frame = frame.f_back


def count_threads(own_native_id: int) -> dict[str, float]:
    """Return the process' threads without the agent's, and those that Python knows by name, digits stripped."""
    counts: dict[str, float] = {"thread:total": float(count_native_threads(own_native_id))}
    for _, name in known_threads():
        stripped = f"thread:{strip_digits(name)}"
        counts[stripped] = counts.get(stripped, 0.0) + 1
    return counts


def count_native_threads(own_native_id: int) -> int:
    """Return how many threads the system lists for this process, the agent's not counted."""
    return sum(1 for entry in os.listdir("/proc/self/task") if entry != str(own_native_id))  # noqa: PTH208 -- no pathlib


def strip_digits(name: str) -> str:
    """Return a thread's name without its numbers: ``Thread- (work)`` is what all of a pool are called."""
    return _DIGITS.sub("", name)


def known_threads() -> Iterator[tuple[int, str]]:
    """Yield ident and name of the threads that ``threading`` knows and that run."""
    running = sys._current_frames()
    for ident, thread in list(getattr(sys.modules.get("threading"), "_active", {}).items()):
        if ident in running and ident != unpatched.get_ident():
            name = instances.attribute(thread, "_name")
            yield ident, name if type(name) is str else "?"


def count_fds(own: set[int]) -> dict[str, float]:
    """Return the open file descriptors without the agent's, in all and by what they are."""
    counts: dict[str, float] = {"fd:total": 0.0}
    for _, target in open_fds(own):
        kind = f"fd:{kind_of_fd(target)}"
        counts["fd:total"] += 1
        counts[kind] = counts.get(kind, 0.0) + 1
    return counts


def open_fds(own: set[int]) -> Iterator[tuple[int, str]]:
    """Yield ``(descriptor, what it is)`` as /proc says, the agent's left out."""
    for entry in os.listdir("/proc/self/fd"):  # noqa: PTH208 -- no pathlib in the target
        try:
            target = os.readlink(f"/proc/self/fd/{entry}")  # noqa: PTH115 -- likewise
        except OSError:  # the descriptor of this very listing
            continue
        if int(entry) not in own:
            yield int(entry), target


def kind_of_fd(target: str) -> str:
    """Return ``socket``, ``pipe``, ``file`` or ``other``."""
    if target.startswith(("socket:", "pipe:")):
        return target.partition(":")[0]
    return "file" if target.startswith("/") and not target.startswith("/dev/") else "other"

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
from itertools import chain, compress, filterfalse
from typing import Any, Callable, Optional

from .. import unpatched
from ..objects import instances, kinds, masking
from ..objects.liveobjects import LiveObjects
from ..origin import loaded
from . import ownblocks, subinterpreters

_REGISTRIES = ("_scheduled_tasks", "_eager_tasks", "_all_tasks")
LONGEST_NAME = 200  # of a thread
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
    return {**counts, "blocks:large": float(total - sum(by_size.values()) - own.get(ownblocks.LARGE, 0))}


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
    bases = [base for base in (native_task(), plain_task()) if base is not None]
    for things in {id(things): things for base in bases for things in live.derived(base)}.values():
        is_done = done_of(type(things[0]))
        if is_done is not None:
            yield from (task for task in things if not is_done(task))


def done_of(of: type) -> Optional[Callable[[Any], bool]]:
    """Return what tells whether tasks of a type are done, without a method of theirs; None where they are none."""
    native, plain = native_task(), plain_task()
    if native is not None and kinds.has_base(of, native):
        done: Callable[[Any], bool] = kinds.class_attribute(native, "done")
        return done
    return is_plainly_done if plain is not None and kinds.has_base(of, plain) else None


def native_task() -> Any:
    """Return asyncio's own task of C, None where it is not loaded; what the target put in its place is not asked."""
    found = loaded.attribute("_asyncio", "Task")
    is_native = kinds.is_of(found, type) and type(kinds.class_dict(found).get("_coro")) is types.GetSetDescriptorType
    return found if is_native else None


def plain_task() -> Any:
    """Return asyncio's own task of Python, which serves where C cannot, or where the target chose it."""
    found = loaded.attribute("asyncio.tasks", "_PyTask")
    return found if kinds.is_of(found, type) else None


def is_plainly_done(task: Any) -> bool:
    """Tell whether a task of Python's own is done."""
    state = instances.read(task, "_state")
    return type(state) is str and state != "PENDING"


def count_known_tasks() -> int:
    """Return how many tasks are pending as asyncio itself keeps count, without greenlets.

    A loop of C for each type: where pings are slow there are ten thousand tasks, and they are counted twice a second.
    """
    registries = [loaded.attribute("asyncio.tasks", name) for name in _REGISTRIES]
    known = list(chain.from_iterable(map(members, registries)))
    ids = list(map(id, map(type, known)))
    pending = 0
    for key, of in dict(zip(ids, map(type, known))).items():  # noqa: B905 -- strict is of Python 3.10
        is_done = done_of(of)
        if is_done is not None:  # else a library's, of which nothing is known
            pending += sum(map(operator.not_, map(is_done, compress(known, map(key.__eq__, ids)))))
    return pending


def members(registry: Any) -> Iterable[Any]:
    """Return what is in a set, or alive in a ``WeakSet``, without a step of Python for each."""
    if kinds.is_of(registry, weakref.WeakSet):
        references = instances.read(registry, "data")
        return filterfalse(_is_none, map(weakref.ref.__call__, list(references) if type(references) is set else []))
    return list(registry) if type(registry) is set else []


def is_task(thing: Any) -> bool:
    """Tell whether a thing is an asyncio task."""
    return done_of(type(thing)) is not None


def task_name(task: Any) -> str:
    """Return the name of a task's coroutine, or its type's where it has none that can be read."""
    coroutine = coroutine_of(task)
    return name_of_coroutine(task if coroutine is None else coroutine)


def coroutine_of(task: Any) -> Any:
    """Return the coroutine that a task runs, None where it was never given one.

    Not by ``get_coro``: up to Python 3.11 it crashes on a task that never ran ``Task.__init__``, as granian's do.
    """
    native = native_task()
    if native is not None and kinds.is_of(task, native):
        return kinds.class_dict(native)["_coro"].__get__(task)
    return instances.read(task, "_coro")


def name_of_coroutine(coroutine: Any) -> str:
    """Return a coroutine's qualified name, or its type's where it is none of Python's own."""
    if type(coroutine) is types.CoroutineType or type(coroutine) is types.GeneratorType:
        return kinds.plain_text(coroutine.__qualname__)
    return kinds.describe_type(type(coroutine))


def greenlets_in(live: LiveObjects) -> Iterator[Any]:
    """Yield the greenlets that are not dead."""
    dead = greenlets_getter("dead")
    if dead is None:
        return
    base = loaded.attribute("greenlet", "greenlet")
    yield from (each for things in live.derived(base) for each in things if not dead(each))


def greenlets_getter(name: str) -> Any:
    """Return what reads an attribute of greenlets by C alone, None where there are none."""
    base = loaded.attribute("greenlet", "greenlet")
    getter = kinds.class_dict(base).get(name) if kinds.is_of(base, type) else None
    return getter.__get__ if type(getter) is types.GetSetDescriptorType else None


def greenlet_frames(live: LiveObjects) -> Iterator[Any]:
    """Yield the frames of the greenlets that are switched out, innermost first."""
    frame_of = greenlets_getter("gr_frame")
    for each in greenlets_in(live) if frame_of is not None else ():
        frame = frame_of(each)
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
    active = active_threads()
    running = active if subinterpreters.are_endangered() else sys._current_frames()
    for ident, thread in active.items():
        if ident in running and ident != unpatched.get_ident():
            name = instances.read(thread, "_name")
            yield ident, masking.mask(name[:LONGEST_NAME]) if type(name) is str else "?"


def active_threads() -> dict[int, Any]:
    """Return the threads that ``threading`` knows, by their ident."""
    active = loaded.attribute("threading", "_active")
    items = list(active.items()) if type(active) is dict else []
    return {ident: thread for ident, thread in items if type(ident) is int}


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

"""On whose stack a line runs: an event's handler, a task, a thread, a greenlet, or a callback of the loop."""

from __future__ import annotations

from itertools import takewhile
from typing import Any, Optional

from .. import unpatched
from ..objects import instances, kinds
from ..origin import loaded, sourcelines, stacks
from ..process import counts


def name_runner(frame: Any, event: Optional[str]) -> str:
    """Return who runs a frame of this thread, by the outermost function of the application's that is above a loop."""
    if event is not None:
        return f"the handler of {event}"
    frames = list(takewhile(lambda each: not stacks.is_loops(each), stacks.frames_from(frame))) or [frame]
    own = [each for each in frames if sourcelines.is_application_file(each.f_code.co_filename)] or frames[:1]
    task = running_task()
    if task is not None:
        return f"task {counts.task_name(task)}"
    name = thread_name()
    function = name_of_code(own[-1].f_code)
    if name is not None:
        return f"thread {name} ({function})"
    return f"greenlet {function}" if is_in_greenlet() else f"callback {function}"


def name_of_code(code: Any) -> str:
    """Return a function's qualified name, which code has from Python 3.11 on, or its plain one."""
    return kinds.plain_text(getattr(code, "co_qualname", code.co_name))


def running_task() -> Any:
    """Return the asyncio task that runs in this thread, None where none does."""
    get_loop, get_task = loaded.attribute("_asyncio", "_get_running_loop"), loaded.attribute("asyncio", "current_task")
    loop = get_loop() if get_loop is not None else None
    if loop is None or get_task is None:
        return None
    return get_task(loop)


def thread_name() -> Optional[str]:
    """Return the name of this thread, None for the main one, in which everything else runs."""
    thread = counts.active_threads().get(unpatched.get_ident())
    name = instances.read(thread, "_name")
    return name if type(name) is str and name != "MainThread" else None


def stack_ident() -> int:
    """Return what tells this stack from others: its greenlet's, where there are any, else the thread's own."""
    current = loaded.attribute("greenlet", "getcurrent")
    return unpatched.get_ident() if current is None else id(current())


def is_in_greenlet() -> bool:
    """Tell whether this is a greenlet other than the thread's own first one."""
    current, parent = loaded.attribute("greenlet", "getcurrent"), None
    if current is not None:
        getter = counts.greenlets_getter("parent")
        parent = getter(current()) if getter is not None else None
    return parent is not None

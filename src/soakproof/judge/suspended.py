"""What suspended code keeps: it grows with the tasks and threads that wait, which are the leak, and is none of its own.

Each of them has locals, and stands in somebody's list of who waits: a queue's, an event's, a semaphore's. Who empties
these is who ends the task.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from soakproof.judge.verdict import Finding
from soakproof.metrickinds import CONTAINERS, Kind

EXECUTIONS: tuple[Kind, ...] = ("task", "thread")
FOREIGN_LOCALS = re.compile(r"\.<locals>(\[\*\])*$")  # of a library's code all locals are told together
LOCAL = re.compile(r":(.+)\.<locals>\.\w+(\[\*\])*$")
TASKS = ("_asyncio.Task", "asyncio.tasks.Task")
AWAITED = (*TASKS, "_asyncio.Future", "asyncio.futures.Future", "_thread.lock", "threading.Thread")
OF_A_THREAD = ".<thread>."  # on the owner path of what a thread alone can see
PRIMITIVE = re.compile(r": (asyncio|threading|queue)\.")
IN_STEP = 0.02


def is_in_step(cause: Finding, effect: Finding) -> bool:
    """Whether two findings grow alike."""
    return abs(effect.per_connection - cause.per_connection) <= IN_STEP * abs(cause.per_connection)


def hangs_on_executions(finding: Finding, owner: str, leaks: Sequence[Finding]) -> bool:
    """Whether it grows because tasks or threads wait: their locals, what is a thread's own, or a list of who waits.

    Of the application's own registries only one of tasks is such a list: what they wait for it may have to answer. What
    an `asyncio.Event` or a semaphore of its own keeps of who waits is no registry of the application's.
    """
    waiting = [leak for leak in leaks if leak.kind in EXECUTIONS]
    if finding.kind not in (*CONTAINERS, "buffer") or not waiting:
        return False
    local = LOCAL.search(owner)
    if local and any(_runs(each, local.group(1)) for each in waiting):
        return True
    if OF_A_THREAD in owner and any(each.kind == "thread" for each in waiting):
        return True
    if finding.kind == "registry" and not _is_part_of_pythons(finding):
        return _lists_who_waits(finding, waiting, TASKS)
    if finding.kind not in {"registry", "container"}:
        return False
    return bool(FOREIGN_LOCALS.search(owner)) or _lists_who_waits(finding, waiting, AWAITED)


def _is_part_of_pythons(finding: Finding) -> bool:
    """Whether the chain that keeps it leads through a private attribute of one of Python's own primitives."""
    chain = finding.culprit.retainers if finding.culprit else []
    return any(PRIMITIVE.search(holder) and step.startswith("._") for holder, step in pairwise(chain))


def _runs(execution: Finding, function: str) -> bool:
    """Whether tasks or threads of a name run a function: a task is called like it, a thread has it in its name."""
    if execution.kind == "task":
        return execution.name == function
    return execution.name.endswith(f"({function.rpartition('.')[2]})")


def _lists_who_waits(finding: Finding, waiting: Sequence[Finding], listed: Sequence[str]) -> bool:
    kept = finding.culprit.types if finding.culprit else []
    holds_waiters = bool(kept) and all(each.name in listed for each in kept)
    return holds_waiters and any(is_in_step(each, finding) for each in waiting)

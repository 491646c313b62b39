"""What suspended code keeps: it grows with the tasks and threads that wait, which are the leak, and is none of its own.

Each of them has locals, and stands in somebody's list of who waits: a queue's, an event's, a semaphore's. Who empties
these is who ends the task.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from soakproof.judge.verdict import Finding
from soakproof.metrickinds import CONTAINERS, Kind

EXECUTIONS: tuple[Kind, ...] = ("task", "thread")
FOREIGN_LOCALS = re.compile(r"\.<locals>(\[\*\])*$")  # of a library's code all locals are told together
LOCAL = re.compile(r":(.+)\.<locals>\.\w+(\[\*\])*$")
AWAITED = ("_asyncio.Future", "_asyncio.Task", "asyncio.futures.Future", "asyncio.tasks.Task", "_thread.lock")
IN_STEP = 0.02


def is_in_step(cause: Finding, effect: Finding) -> bool:
    """Whether two findings grow alike."""
    return abs(effect.per_connection - cause.per_connection) <= IN_STEP * abs(cause.per_connection)


def hangs_on_executions(finding: Finding, owner: str, leaks: Sequence[Finding]) -> bool:
    """Whether it is a container that grows because tasks or threads wait: their locals, or a list of who waits."""
    waiting = [leak for leak in leaks if leak.kind in EXECUTIONS]
    if finding.kind not in (*CONTAINERS, "buffer") or not waiting:
        return False
    local = LOCAL.search(owner)
    if local and any(_runs(each, local.group(1)) for each in waiting):
        return True
    return finding.kind == "container" and (bool(FOREIGN_LOCALS.search(owner)) or _lists_who_waits(finding, waiting))


def _runs(execution: Finding, function: str) -> bool:
    """Whether tasks or threads of a name run a function: a task is called like it, a thread has it in its name."""
    if execution.kind == "task":
        return execution.name == function
    return execution.name.endswith(f"({function.rpartition('.')[2]})")


def _lists_who_waits(finding: Finding, waiting: Sequence[Finding]) -> bool:
    kept = finding.culprit.types if finding.culprit else []
    holds_waiters = bool(kept) and all(each.name in AWAITED for each in kept)
    return holds_waiters and any(is_in_step(each, finding) for each in waiting)

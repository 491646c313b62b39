"""What suspended code keeps: it grows with the tasks that wait, which are the leak, and is none of its own.

Every pending task has coroutines with locals, and waits for a future that stands in somebody's list of waiters: a
queue's, an event's, a semaphore's. Who empties these is who ends the task.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from soakproof.judge.verdict import Finding

FOREIGN_LOCALS = re.compile(r"\.<locals>(\[\*\])*$")  # of a library's code all locals are told together
AWAITED = ("_asyncio.Future", "_asyncio.Task", "asyncio.futures.Future", "asyncio.tasks.Task")
IN_STEP = 0.02


def is_in_step(cause: Finding, effect: Finding) -> bool:
    """Whether two findings grow alike."""
    return abs(effect.per_connection - cause.per_connection) <= IN_STEP * abs(cause.per_connection)


def hangs_on_tasks(finding: Finding, owner: str, leaks: Sequence[Finding]) -> bool:
    """Whether it is a foreign container that grows because tasks wait: their locals, or a list of who waits."""
    tasks = [leak for leak in leaks if leak.kind == "task"]
    if finding.kind != "container" or not tasks:
        return False
    if FOREIGN_LOCALS.search(owner):
        return True
    kept = finding.culprit.types if finding.culprit else []
    holds_waiters = bool(kept) and all(each.name in AWAITED for each in kept)
    return holds_waiters and any(is_in_step(task, finding) for task in tasks)

"""Tasks that wait for ever in a library's coroutine: the task, its coroutine, where it waits, who created it."""

from __future__ import annotations

import functools
from pathlib import Path

from tests.unit.agent.agent_target import APPS, ready

SOURCE = (APPS / "agent_tasks.py").read_text().splitlines()
LIBRARY = (APPS / "site-packages" / "waiting.py").read_text().splitlines()


def line_of(lines: list[str], text: str) -> int:
    """Return the number of the only line with a text."""
    [number] = [at for at, line in enumerate(lines, start=1) if text in line]
    return number


def test_a_task_is_told_by_its_coroutine_where_it_waits_and_who_created_it(short_path: Path) -> None:
    """The site is the application's line that called ``create_task``; the note goes on to who called that."""
    with ready("agent_tasks.py", short_path) as target:
        work = functools.partial(target.tell, "5")
        told = target.agent().explain_traced("task:watch", work, work)
    created, called = line_of(SOURCE, "create_task"), line_of(SOURCE, "handler(hub)")
    assert [(Path(site["file"]).name, site["line"]) for site in told["sites"]] == [("agent_tasks.py", created)]
    assert told["types"]["watch"] in (4, 5)  # the address of one may have been another task's at the mark
    assert told["retainers"][:3] == [
        "task watch",
        f"coroutine watch at waiting.py:{line_of(LIBRARY, 'await hub.receive')}",
        f"coroutine Hub.receive at waiting.py:{line_of(LIBRARY, 'await step(')}",
    ]
    waits = f"waits at waiting.py:{line_of(LIBRARY, 'await self.queue')} in Hub.receive.<locals>.step"
    assert f"The task watch {waits}, for coroutine Queue.get at queues.py" in told["note"]
    by = f"created by connect at agent_tasks.py:{created}, called by dispatch at agent_tasks.py:{called}."
    assert told["note"].endswith(by)


def test_a_task_that_a_library_starts_for_itself_is_told_by_who_made_its_coroutine(short_path: Path) -> None:
    """Of a library's function that starts all its tasks nobody learns whose one is."""
    with ready("agent_tasks.py", short_path) as target:
        work = functools.partial(target.tell, "5")
        told = target.agent().explain_traced("task:linger", work, work)
    made = line_of(LIBRARY, "start(linger(hub))")
    assert [(Path(site["file"]).name, site["line"]) for site in told["sites"]] == [("waiting.py", made)]

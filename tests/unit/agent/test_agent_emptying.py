"""Who takes entries out of a container, and at which line: a task, a thread, a call of the loop's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.programs import python_of
from tests.unit.agent.agent_target import running

TABLES = ("BY_TASK", "BY_THREAD", "BY_CALL", "KEPT")
EMPTIED = {
    "BY_TASK": ("task sweep", "del BY_TASK[key]"),
    "BY_THREAD": ("thread janitor (clean)", "BY_THREAD.popitem()"),
    "BY_CALL": ("callback forget", "BY_CALL.clear()"),
}


@pytest.mark.parametrize("minor", ["3.9", "3.11", "3.14"])
@pytest.mark.parametrize("before", [0, 1])
def test_who_empties_a_container_is_named(short_path: Path, minor: str, before: int) -> None:
    """By all of its ten entries; what only grew has nobody. Threads may have slept through an earlier following."""
    with running([python_of(minor), "agent_emptied.py"], short_path) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        agent = target.agent()
        for _ in range(before):
            agent.ask("follow", owners=["sys:modules"], empties=True)
            agent.ask("followed")
        agent.ask("follow", owners=[f"__main__:{table}" for table in TABLES], empties=True)
        assert target.tell("go") == "done"
        told = agent.ask("followed")
    assert told["by"].pop("__main__:KEPT") == {}
    assert told["owners"].pop("__main__:KEPT") == []
    for table, (by, line) in EMPTIED.items():
        owner = f"__main__:{table}"
        assert told["by"][owner] == {by: 10}
        assert [(site["source"], site["count"]) for site in told["owners"][owner]] == [(line, 10)]

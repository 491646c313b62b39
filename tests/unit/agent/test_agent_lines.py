"""Whose line it is, where the application started the event loop itself: never the line that started it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.agent.agent_target import Target, ready, wait_for

ADDED = 5
IN_LIBRARY = 'KEPT[number] = {"number": str(number)}'
IN_HANDLER = "await wait(number)"
OWNERS = {"keeping:KEPT": IN_LIBRARY, "keeping:WAITING": IN_HANDLER}


@pytest.fixture
def target(short_path: Path) -> Iterator[Target]:
    """An application at rest in a loop that it started, which has served before."""
    with ready("agent_own_loop.py", short_path) as target:
        target.tell("1")
        yield target


@pytest.mark.parametrize("owner", OWNERS)
def test_what_fills_a_container_is_not_the_line_that_started_the_loop(target: Target, owner: str) -> None:
    """Beneath the loop nothing is looked for: the handler's line is named, or the library's where it has none."""
    agent = target.agent()
    agent.ask("follow", owners=list(OWNERS))
    target.tell(str(ADDED))
    site, *others = agent.ask("followed")["owners"][owner]
    assert (site["source"], others) == (OWNERS[owner], [])


def test_what_is_allocated_is_not_of_the_line_that_started_the_loop(target: Target) -> None:
    """The same lines are named by tracemalloc, whose stacks reach down to the application's main."""
    agent = target.agent()
    agent.ask("trace_start", frames=50)
    target.tell("1")
    agent.ask("trace_mark")
    target.tell(str(ADDED))
    sources = {site["source"]: site["count"] for site in agent.ask("trace_growth", top=100)["sites"]}
    assert {IN_LIBRARY, IN_HANDLER} <= sources.keys()
    assert not {"Server(handler).run()", "main()"} & sources.keys()


def test_what_a_librarys_suspended_code_holds_is_found(target: Target) -> None:
    """The locals of its coroutines have one path together, and what grows in them is counted."""
    agent = target.agent()
    agent.census()
    target.tell(str(ADDED))

    def entries() -> float:
        """A coroutine that has answered may not have been suspended yet; a running one shows nothing of its locals."""
        return float(agent.census()["metrics"].get("container:keeping.Server.serve.<locals>", 0))

    assert wait_for(entries, "suspended coroutine that holds something") == 1 + ADDED

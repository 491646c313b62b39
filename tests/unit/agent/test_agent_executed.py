"""Which of the application's functions have run since a mark, without anything that watches them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.unit.agent.agent_target import ready

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="Python shows it from 3.11 on")
CALLS = 10  # Python 3.11 shows a function from its eighth call on


def test_only_what_ran_since_the_mark_is_counted(short_path: Path) -> None:
    """A function that ran before the mark, or never, does not count; one that runs after it does."""
    with ready("agent_own_loop.py", short_path) as target:
        agent = target.agent()
        agent.ask("executed", mark=True)
        before = agent.ask("executed")
        target.tell(str(CALLS))
        after = agent.ask("executed")
    assert (before["functions"], before["ran"]) == (1, 0), "handler; main goes on, and so is not asked"
    assert (after["functions"], after["ran"]) == (1, 1)


def test_nothing_is_said_of_a_process_that_was_never_marked(short_path: Path) -> None:
    """Without a mark nothing is known, of no function."""
    with ready("agent_own_loop.py", short_path) as target:
        assert target.agent().ask("executed") == {"ok": True, "functions": 0, "ran": 0, "events": []}

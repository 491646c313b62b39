"""What following lines takes of Python's memory for good is none of the target's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.programs import python_of
from tests.unit.agent.agent_target import running

FEW = 100


@pytest.mark.parametrize("minor", ["3.11", "3.12", "3.14"])
def test_following_a_librarys_lines_adds_no_blocks(short_path: Path, minor: str) -> None:
    """Tables of `sys.monitoring` for all of a library's code are the agent's; a rehearsal takes what looking takes."""
    with running([python_of(minor), "agent_emptied.py"], short_path) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        agent = target.agent()
        agent.ask("follow", owners=["sys:modules"], empties=True)
        agent.census(rehearse=True)
        agent.ask("followed")
        agent.census()
        before = agent.census()["metrics"]
        agent.ask("follow", owners=["__main__:KEPT", "asyncio:of_which_all_code_is_followed"], empties=True)
        after = agent.census()["metrics"]
    assert abs(after["heap:blocks"] - before["heap:blocks"]) < FEW
    sizes = [name for name in before if name.startswith("blocks:")]
    assert {name: after[name] - before[name] for name in sizes if abs(after[name] - before[name]) >= FEW} == {}

"""The agent works in every Python that it says it does, whatever soakproof itself runs on."""

from __future__ import annotations

from pathlib import Path

import pytest

from soakproof.development import PYTHONS
from tests.programs import python_of
from tests.unit.agent.agent_target import running

ADDED = 5


@pytest.mark.parametrize("minor", PYTHONS)
def test_the_agent_works_in_every_python(short_path: Path, minor: str) -> None:
    """In each of them it counts, marks a moment and looks at what came since, and names lines in threads that run."""
    python = python_of(minor)
    with running([python, "agent_shelf.py"], short_path) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        agent = target.agent()
        agent.census()
        agent.ask("trace_start")
        agent.ask("trace_mark")
        target.tell(str(ADDED))
        subjects = [
            ["registry:__main__.BY_USER[*]", "__main__:BY_USER[*]"],
            ["registry:__main__.ATOMS", "__main__:ATOMS"],
        ]
        assert [len(answer["retainers"]) for answer in agent.ask("explain", subjects=subjects)["answers"]] == [4, 3]
        agent.ask("trace_stop")
        agent.ask("follow", owners=["__main__:ATOMS", "__main__:LOCAL.<thread>.collected"])
        target.tell(str(ADDED))
        followed = agent.ask("followed")["owners"]
        assert {owner: sites[0]["source"] for owner, sites in followed.items()} == {
            "__main__:ATOMS": "ATOMS[key] = 1.0",
            "__main__:LOCAL.<thread>.collected": "LOCAL.collected.append(TO_COLLECT.get())",
        }
        assert agent.census()["metrics"]["registry:__main__.ATOMS"] == 2 * ADDED

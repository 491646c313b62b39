"""The stacks of what stays: from the outermost frame to the line that grew, and no growth of before the mark."""

from __future__ import annotations

from pathlib import Path

import pytest

from soakproof import agent as agent_package
from tests.unit.agent.agent_target import ready

ADDED = 5
AGENT = str(Path(agent_package.__file__).parent)


def test_stacks_of_what_stays_lead_to_the_lines_that_grew(short_path: Path) -> None:
    """Each stack goes from the outermost frame to the allocation; those of a line are together its growth."""
    with ready("agent_shelf.py", short_path) as target:
        agent = target.agent()
        agent.ask("trace_start", frames=8)
        agent.ask("trace_mark")
        target.tell(str(ADDED))
        told = agent.ask("trace_stacks", top=50)
        frames = told["frames"]
        stack = next(each for each in told["stacks"] if frames[each["line"]]["function"] == "add")
        grown = next(site for site in agent.ask("trace_growth", top=10)["sites"] if site["function"] == "add")
        named = [frames[at]["function"] for at in stack["frames"]]
        assert named[-1] == "add"
        assert len(named) > 1
        assert named[0] != "add"
        assert {frames[at]["origin"] for at in stack["frames"]} <= {"application", "library", "python"}
        same = [each for each in told["stacks"] if each["line"] == stack["line"]]
        assert sum(each["bytes"] for each in same) == pytest.approx(grown["bytes"], rel=0.1)
        assert stack["count"] >= ADDED
        assert [each["bytes"] for each in told["stacks"]] == sorted(
            (each["bytes"] for each in told["stacks"]), reverse=True
        )
        assert not any(frame["file"].startswith(AGENT) for frame in frames)
        agent.ask("trace_mark")
        later = agent.ask("trace_stacks", top=50)
        assert not [each for each in later["stacks"] if later["frames"][each["line"]]["function"] == "add"]
        agent.ask("trace_stop")
        assert not agent.send(b'{"op": "trace_stacks"}')["ok"]

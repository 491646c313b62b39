"""What only a timer will drop: told with the timer, and for how long; what comes round for ever is no timer."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.unit.agent.agent_target import running

BY_TASK = {"after_s": 3600.0, "by": "the task clear_on_timeout"}
BY_CALL = {"after_s": 3600.0, "by": "a call of pop (call_later, call_at)"}


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def pending(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What holds each container and task of the program, on either loop."""
    directory = tmp_path_factory.mktemp("a")
    with running([sys.executable, "agent_timers.py", request.param], directory) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        agent = target.agent()
        target.tell("10")
        agent.ask("trace_start", frames=8)
        agent.ask("trace_mark")
        target.tell("10")
        target.tell("-15")  # of the visits the oldest go
        names = ("PAGES", "SESSIONS", "VISITS", "BEATS")
        containers = [[f"registry:__main__.{name}", f"__main__:{name}"] for name in names]
        asked: list[list[Any]] = [*containers, ["task:clear_on_timeout", None], ["task:beat", None]]
        answers = agent.ask("explain", subjects=asked, among=[])["answers"]
        return {name[0].rpartition(".")[2]: told.get("pending") for name, told in zip(asked, answers, strict=True)}


def test_entries_that_a_sleeping_task_or_a_later_call_knows_are_held_by_it(pending: dict[str, Any]) -> None:
    """They are found by their keys: the task has it in a local, the call among its arguments."""
    assert pending["PAGES"] == BY_TASK
    assert pending["SESSIONS"] == BY_CALL
    assert pending["BEATS"] is None


def test_what_loses_more_than_it_gains_meanwhile_is_held_too(pending: dict[str, Any]) -> None:
    """The timers of those who came first run out while lines are looked for: what is left is younger."""
    assert pending["VISITS"] == BY_CALL


def test_a_task_that_sleeps_once_is_a_timer_and_one_that_sleeps_in_a_loop_is_none(pending: dict[str, Any]) -> None:
    """A beat for each client that never ends is a leak, however long it sleeps."""
    assert pending["task:clear_on_timeout"] == BY_TASK
    assert pending["task:beat"] is None

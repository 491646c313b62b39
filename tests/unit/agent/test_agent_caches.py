"""What an ``lru_cache`` keeps: the arguments of each call are told as what it holds, and their objects are in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.agent.agent_target import ready

ADDED = 30
SESSION = "__main__.Session"


@pytest.mark.parametrize("method", ["rights", "groups"])
def test_what_a_cache_was_asked_for_is_in_it(short_path: Path, method: str) -> None:
    """The types of the arguments are told, with or without a limit, and the objects are found in the cache."""
    owner = f"__main__:Session.{method}.cache"
    with ready("agent_cached.py", short_path) as target:
        target.tell("5")
        agent = target.agent()
        agent.ask("trace_start", frames=4)
        agent.ask("trace_mark")
        target.tell(str(ADDED))
        subjects = [[f"registry:__main__.Session.{method}.cache", owner], [f"type:{SESSION}", None]]
        cache, objects = agent.ask("explain", subjects=subjects, among=[owner])["answers"]
        agent.ask("trace_stop")
    assert cache["types"][SESSION] == ADDED
    assert owner in objects["within"]

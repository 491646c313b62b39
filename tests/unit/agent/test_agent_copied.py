"""State that grows in what has no length of its own: tuples that are copied, attributes under names nobody wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.agent.agent_target import Target, ready

FIRST, ADDED = 250, 60
COUNTED = {
    "__main__:NAMES": 'NAMES += (f"visitor {number}",)',
    "__main__:BUS.listeners": "self.listeners = (*self.listeners, callback)",
    "__main__:PRESENCE.online": 'PRESENCE.online |= {f"visitor {number}"}',
    "__main__:STATE.seen": "STATE = dataclasses.replace(STATE, seen=(*STATE.seen, number * 1000.5))",
    "__main__:count.calls": 'count.calls = (*getattr(count, "calls", ()), number)',
    "__main__:SHELF.<attributes>": 'setattr(SHELF, f"visitor_{number}", number * 1000.5)',
    "__main__:Settings.<attributes>": 'setattr(Settings, f"visitor_{number}", [])',
}


def metric_of(owner: str) -> str:
    """Return the metric of a container of the program's."""
    return f"registry:{owner.replace(':', '.', 1)}"


@pytest.fixture
def target(short_path: Path) -> Iterator[Target]:
    """The program, in which there is much already."""
    with ready("agent_copied.py", short_path) as target:
        target.tell(str(FIRST))
        yield target


@pytest.mark.parametrize("owner", COUNTED)
def test_it_is_counted_under_the_name_that_stays(target: Target, owner: str) -> None:
    """By its entries, or by the attributes beyond those that a person may have written."""
    agent, metric = target.agent(), metric_of(owner)
    agent.census()
    target.tell(str(ADDED))
    once = agent.census()["metrics"][metric]
    target.tell(str(ADDED))
    assert agent.census()["metrics"][metric] == once + ADDED


def test_the_tuples_of_many_objects_are_no_registries(target: Target) -> None:
    """Each visit has one: they are as many as the visits, which are counted where they are kept."""
    target.agent().census()
    target.tell(str(ADDED))
    metrics = target.agent().census()["metrics"]
    assert metrics["registry:__main__.VISITS"] == FIRST + ADDED
    assert not [metric for metric in metrics if "address" in metric]


@pytest.mark.parametrize("owner", COUNTED)
def test_the_line_that_adds_to_it_is_named(target: Target, owner: str) -> None:
    """It is followed by its name: the object there is another one at each line."""
    agent = target.agent()
    assert agent.ask("follow", owners=[owner])["missing"] == []
    target.tell("10")
    site, *others = agent.ask("followed")["owners"][owner]
    assert (site["source"], site["count"], others) == (COUNTED[owner], 10, [])


def test_a_file_in_memory_is_followed_by_what_is_written(target: Target) -> None:
    """Its memory grows in steps, and seldom at the line that adds a little."""
    agent = target.agent()
    agent.ask("follow", owners=["__main__:HISTORY"])
    target.tell("10")
    [site] = agent.ask("followed")["owners"]["__main__:HISTORY"]
    assert (site["source"], site["count"]) == ('HISTORY.write(b"came\\n")', 50)


@pytest.mark.parametrize(("owner", "type_"), [("__main__:BUS.listeners", "function"), ("__main__:NAMES", "str")])
def test_of_a_copy_only_what_came_is_told(target: Target, owner: str, type_: str) -> None:
    """The types of the entries that it has more than at the mark."""
    agent = target.agent()
    agent.ask("trace_start", frames=8)
    agent.ask("trace_mark")
    target.tell(str(ADDED))
    told = agent.explain(metric_of(owner), owner)
    assert told["types"] == {type_: ADDED}
    assert told["retainers"][0] == "module __main__"


def test_what_only_a_bound_method_refers_to_is_the_modules(target: Target) -> None:
    """A list that is under no name belongs to whoever leads to it."""
    agent = target.agent()
    agent.ask("trace_start", frames=8)
    agent.ask("trace_mark")
    target.tell(str(ADDED))
    [told] = [share for share in agent.ask("shares")["shares"] if share["owner"] == "__main__"]
    assert told["types"]["float"] == ADDED

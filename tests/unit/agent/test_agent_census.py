"""A census finds every container an application can have, names it as a person would, and reports what has changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.agent.agent_target import ready

ADDED = 5
MAIN = "__main__:"
OWNERS = {
    "ATOMS": "dict",
    "BY_KEY.data[*]": "list",
    "BY_USER": "collections.defaultdict",
    "BY_USER[*]": "list",
    "FACTS": "list",
    "FOREIGN.data": "dict",
    "GONE": "list",
    "Hub.members": "dict",
    "Hub.rooms": "dict",
    "LOCAL.<thread>.seen": "list",
    "ORDERED": "collections.OrderedDict",
    "PAIR[*]": "list",
    "PARTIAL.args[*]": "list",
    "QUEUES[*]._queue": "collections.deque",
    "ROOMS[*]": "list",
    "SEEN": "set",
    "TRAIL.<default>": "list",
    "Sessions": "__main__.Sessions",
    "Slotted.kept": "list",
    "cached.cache": "functools._lru_cache_wrapper",
    "defaulting.<defaults>.kept": "list",
    "keyword_only.<defaults>.kept": "list",
    "listen.<locals>.waiting": "list",
    "main.<locals>.kept": "list",
    "make.<locals>.handler.<closure>.seen": "list",
    "manager.rooms": "dict",
    "manager.rooms[*]": "set",
    "remember.keys": "list",
    "walk_along.<locals>.passed": "list",
}


@pytest.fixture(scope="module")
def growth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The censuses of one program: two at rest, one after entries were added everywhere, one after nothing more."""
    with ready("agent_shelf.py", tmp_path_factory.mktemp("a")) as target:
        agent = target.agent()
        first, again = agent.census(), agent.census()
        assert target.tell(str(ADDED)) == "done"
        grown, after = agent.census(), agent.census()
        yield {"first": first, "again": again, "grown": grown, "after": after}


@pytest.mark.parametrize("path", OWNERS)
def test_every_place_is_found_and_named(growth: dict[str, Any], path: str) -> None:
    """A container is reported under the path a person would say, with its growth, type and origin."""
    metric = f"registry:__main__.{path}"
    info = info_of(growth["grown"], metric)
    assert growth["grown"]["metrics"][metric] == ADDED
    assert (info["owner"], info["origin"], info["reference"]) == (MAIN + path, "application", 0)
    assert info["container_type"] == OWNERS[path]


def test_it_is_told_how_many_containers_stand_under_a_path(growth: dict[str, Any]) -> None:
    """One dict for all users, and a list for each."""
    told = {
        path: info_of(growth["grown"], f"registry:__main__.{path}")["containers"] for path in ("ATOMS", "BY_USER[*]")
    }
    assert told == {"ATOMS": 1, "BY_USER[*]": ADDED}


def test_context_variables_are_found(growth: dict[str, Any]) -> None:
    """What a context variable holds is reported under the variable's name."""
    assert growth["grown"]["metrics"]["registry:contextvars.request_log"] == ADDED


def test_what_keeps_nothing_alive_is_no_registry(growth: dict[str, Any]) -> None:
    """What holds weak references, each to something alive, grows with what somebody else keeps: it is not reported."""
    watching = (".ALIVE.data", ".BY_KEY.data", ".WATCHED")
    assert not [metric for metric in growth["grown"]["metrics"] if metric.endswith(watching)]


def test_nothing_is_reported_before_it_changes(growth: dict[str, Any]) -> None:
    """The first census is the reference: neither it nor a second one without change lists the containers."""
    for name in ("first", "again"):
        assert not [metric for metric in growth[name]["metrics"] if metric.startswith("registry:")]
    assert "registry:__main__.STEADY" not in growth["after"]["metrics"]


def test_what_was_reported_once_is_reported_ever_after(growth: dict[str, Any]) -> None:
    """A container that has changed is listed by every later census, and described only once."""
    later = growth["after"]
    assert {f"registry:__main__.{path}" for path in OWNERS} <= later["metrics"].keys()
    assert not [info for info in later["infos"] if info["metric"].startswith("registry:")]


def test_bounds_are_read_off_the_containers(growth: dict[str, Any]) -> None:
    """A deque's maxlen and an lru_cache's maxsize are bounds, and a full deque grows no further."""
    assert info_of(growth["grown"], "registry:__main__.RING")["bound"] == {"max_items": 3, "source": "observed"}
    assert info_of(growth["grown"], "registry:__main__.cached.cache")["bound"]["max_items"] == 100
    assert growth["grown"]["metrics"]["registry:__main__.RING"] == 3


def test_types_are_counted(growth: dict[str, Any]) -> None:
    """Live objects are counted by type: one set and two lists more per entry, whichever census told of them first."""
    metrics = growth["grown"]["metrics"]
    told = {info["metric"]: info for census in growth.values() for info in census["infos"]}
    assert metrics["type:set"] - told["type:set"]["reference"] >= ADDED
    assert metrics["type:list"] - told["type:list"]["reference"] >= 2 * ADDED


def test_tasks_threads_and_descriptors_are_counted_without_the_agents(growth: dict[str, Any]) -> None:
    """The program has two tasks and three standard streams; the agent adds neither thread nor descriptor to it."""
    metrics = growth["first"]["metrics"]
    assert metrics["task:total"] == 2
    assert metrics["task:main"] == metrics["task:listen"] == 1
    assert metrics["thread:MainThread"] == metrics["thread:collector"] == 1
    assert metrics["thread:total"] == 2 + metrics.get("thread:asyncio_", 0)
    assert metrics["fd:pipe"] == 3


def test_looking_leaves_nothing_behind(short_path: Path) -> None:
    """Ten censuses without change count the same objects and blocks to the last one."""
    with ready("agent_shelf.py", short_path) as target:
        agent = target.agent()
        assert target.tell(str(ADDED)) == "done"
        for _ in range(4):
            agent.census()
        readings = [agent.census()["metrics"] for _ in range(10)]
        assert {reading["heap:objects"] for reading in readings} == {readings[0]["heap:objects"]}
        assert readings[-1]["heap:blocks"] - readings[0]["heap:blocks"] <= 2


@pytest.mark.parametrize("discovers", [False, True])
@pytest.mark.parametrize("trims", [False, True])
def test_the_account_is_told_at_rest_alone(short_path: Path, *, discovers: bool, trims: bool) -> None:
    """Of a look for registries only what was given back; any two may be asked for together."""
    with ready("agent_shelf.py", short_path) as target:
        answer = target.agent().ask("census", collect=True, trim=trims, discover=discovers)
    assert ("trimmed" in answer["account"]) is trims
    assert ("rss" in answer["account"]) is not discovers


def test_a_discovery_lists_what_is_empty_at_rest(short_path: Path) -> None:
    """A census asked to discover makes registries that gained entries known, and says which can be watched."""
    with ready("agent_shelf.py", short_path) as target:
        agent = target.agent()
        agent.census()
        assert target.tell("2") == "done"
        answer = agent.ask("census", collect=False, trim=False, discover=True)
        assert {"__main__:ATOMS", "__main__:manager.rooms"} <= set(answer["grown"])
        watched = agent.ask("watch", owners=answer["grown"])
        assert "__main__:ATOMS" in watched["watched"]
        assert "__main__:ROOMS[*]" in watched["refused"]
        assert target.tell("3") == "done"
        assert agent.ask("counters")["metrics"]["registry:__main__.ATOMS"] == 5


def test_watching_reads_instances_by_their_class(short_path: Path) -> None:
    """An owner anchored at a class is read from its instances, and one that resolves to nothing is refused."""
    with ready("agent_shelf.py", short_path) as target:
        agent = target.agent()
        answer = agent.ask("watch", owners=["__main__:Slotted.kept", "__main__:cached.cache", "__main__:MISSING"])
        assert answer["watched"] == ["__main__:Slotted.kept", "__main__:cached.cache"]
        assert answer["refused"].keys() == {"__main__:MISSING"}
        assert target.tell("4") == "done"
        metrics = agent.ask("counters")["metrics"]
        assert metrics["registry:__main__.Slotted.kept"] == metrics["registry:__main__.cached.cache"] == 4


def test_locals_of_a_running_frame_are_found(short_path: Path) -> None:
    """A list in the locals of a plain main() that never returns is found and named."""
    with ready("agent_sync.py", short_path) as target:
        agent = target.agent()
        agent.census()
        assert target.tell("member") == "done"
        assert agent.census()["metrics"]["registry:__main__.main.<locals>.kept"] == 1


def test_a_part_knows_what_it_is_part_of(short_path: Path) -> None:
    """The members of a room that a hall keeps are said to be within the hall's rooms."""
    with ready("agent_sync.py", short_path) as target:
        agent = target.agent()
        agent.census()
        for _ in range(2):
            assert target.tell("member") == "done"
        info = info_of(agent.census(), "registry:__main__.hall.rooms[*].members")
        assert info["within"] == "__main__:hall.rooms"


def test_a_switched_off_collector_stays_off(short_path: Path) -> None:
    """Where the target has disabled its collector, a census does not collect, so that the cycles it keeps count."""
    with ready("agent_sync.py", short_path) as target:
        agent = target.agent()
        before = agent.census()
        assert before["collected"]
        for _ in range(3):
            assert target.tell("cycle") == "done"
        after = agent.census()
        assert not after["collected"]
        assert after["metrics"]["type:__main__.Session"] == 3


def info_of(census: dict[str, Any], metric: str) -> dict[str, Any]:
    """Return what a census says of a metric that it reports for the first time."""
    return next(info for info in census["infos"] if info["metric"] == metric)

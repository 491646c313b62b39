"""Chains start where a person would, and lead through caches where nothing else does; the agent's lines are no site."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from soakproof.agent.census.containment import Holders
from soakproof.agent.census.walk import Place, deeper
from soakproof.agent.explain import retainerpaths, retainersearch
from soakproof.agent.objects.liveobjects import LiveObjects
from soakproof.agent.trace.allocations import Tracing
from tests.unit.agent.agent_target import ready


class Thing:
    """Is looked for."""


class Link:
    """Of a chain that hangs on its first link."""

    following: Any = None


KEPT: dict[str, Any] = {}


@functools.lru_cache(maxsize=1)
def remembered() -> Thing:
    """Return the same thing for ever."""
    return Thing()


def chain_to(thing: Any) -> list[str]:
    """Return the chain to a thing in words."""
    found = retainersearch.RetainerPaths(LiveObjects()).find([thing])
    assert found is not None
    return retainerpaths.describe_path(found)


def test_a_cache_is_a_step_only_where_nothing_else_leads() -> None:
    """A longer way through the application's own dicts is told before a short one through a cache of results."""
    thing = remembered()
    assert "cache (1 entries)" in chain_to(thing)[1]
    KEPT["rooms"] = {"lobby": [[thing]]}
    try:
        told = chain_to(thing)
    finally:
        KEPT.clear()
    assert told[0] == f"module {__name__}"
    assert told[1:4] == ["KEPT: dict (1 entries)", "['rooms']: dict (1 entries)", "['lobby']: list (1 entries)"]


def test_a_step_that_repeats_is_told_once() -> None:
    """A list of 500 links, each of which keeps the next, is one step and how often."""
    last = Thing()
    first: Any = last
    for _ in range(500):
        link = Link()
        link.following, first = first, link
    KEPT["first"] = first
    try:
        told = chain_to(last)
    finally:
        KEPT.clear()
    name = f"{__name__}.Link"
    assert told[-3:] == [f"['first']: {name}", f".following: {name} (499 in a row)", f".following: {__name__}.Thing"]


def test_one_search_finds_as_each_alone() -> None:
    """What comes later in a search is asked for first, then what it has passed: by itself, and among others."""
    far, near, untracked = [Thing()], [Thing()], {"kept": 1}
    KEPT.update(near=near, rooms={"lobby": [[far]]}, numbers=untracked)
    try:
        paths = retainersearch.RetainerPaths(LiveObjects())
        asked = ([far], [remembered()], [near], [far, near], [untracked])
        told = [retainerpaths.describe_path(paths.find(targets) or []) for targets in asked]
        alone = [chain_to(targets[0]) for targets in asked]
    finally:
        KEPT.clear()
    assert told == [*alone[:3], alone[2], alone[4]]


def test_a_key_among_many_is_not_told() -> None:
    """Of one client among hundreds the key says nothing; nor does one that is no plain text or number."""
    thing = Thing()
    KEPT.update({f"client {number}": number for number in range(100)}, last=[thing])
    try:
        assert chain_to(thing)[2].startswith("[*]: list")
        KEPT.clear()
        KEPT.update({("a", "pair"): [thing]})
        assert chain_to(thing)[2].startswith("[*]: list")
    finally:
        KEPT.clear()


def test_a_local_of_running_code_is_a_root() -> None:
    """What only a function that is running knows is reached through its frame, by the variable's name."""
    thing, is_running, may_end = Thing(), threading.Event(), threading.Event()

    def work(held: list[Thing]) -> None:
        mine = {"held": held.pop()}
        is_running.set()
        may_end.wait()
        mine.clear()

    hand = [thing]
    thread = threading.Thread(target=work, args=(hand,))
    thread.start()
    is_running.wait()
    told = chain_to(thing)
    may_end.set()
    thread.join()
    assert told[0].startswith("frame test_a_local_of_running_code_is_a_root.<locals>.work")
    assert told[1:] == ["mine: dict (1 entries)", f"['held']: {__name__}.Thing"]


@pytest.fixture
def tracing() -> Iterator[Tracing]:
    """A tracing session, marked."""
    session = Tracing()
    session.start(8)
    session.mark()
    yield session
    session.stop()


def test_what_the_agent_makes_is_no_growth(tracing: Tracing) -> None:
    """What the agent made while it looked is told apart from the application's, and its line is never listed."""
    mine = Place("application", "app")
    own = deeper(mine)
    assert (tracing.is_own(own), tracing.is_own(mine)) == (True, False)
    assert tracing.sites([own]) == []
    assert [site["source"] for site in tracing.sites([mine, own])] == ['mine = Place("application", "app")']


@pytest.mark.parametrize("is_left_out", [True, False])
def test_things_are_wholly_in_a_container_only_if_all_are(*, is_left_out: bool) -> None:
    """A class of which one object is kept elsewhere is not said to be kept in the container as a whole."""
    ring = [Thing() for _ in range(3)]
    things = [*ring, Thing()] if is_left_out else ring
    holders = Holders(list(things), [("app:RING", ring)])
    assert holders.find(things) == ["app:RING"]
    assert holders.keep_each(things, frozenset(["app:RING"])) is not is_left_out


def test_what_a_tuple_in_a_container_holds_is_in_the_container() -> None:
    """Pairs and pairs of pairs are led through, though the collector's list of objects has no tuples."""
    thing = Thing()
    pairs = [("sid", ("since", thing))]
    assert Holders([thing], [("app:PAIRS", pairs)]).find([thing]) == ["app:PAIRS"]


class Whole:
    """Has a part, and a list."""

    def __init__(self) -> None:
        self.part, self.frames = Thing(), [1]


def test_what_is_an_attribute_of_new_objects_is_part_of_them() -> None:
    """Parts and lists are told with the class that has them; the wholes, and what is in a list, are part of nothing."""
    wholes = [Whole() for _ in range(3)]
    name = f"{__name__}.Whole"
    holders = Holders([*wholes, *(whole.part for whole in wholes)], [("app:WHOLES", wholes)])
    assert holders.class_around([whole.part for whole in wholes]) == name
    assert holders.class_around([whole.frames for whole in wholes]) == name
    assert holders.class_around(list(wholes)) is None
    assert holders.class_around([wholes[0].part, Thing()]) is None
    old = Holders([whole.part for whole in wholes], [])
    assert old.class_around([whole.part for whole in wholes]) is None


def test_what_a_loop_is_to_call_hangs_on_the_loop(short_path: Path) -> None:
    """Every task leads to its loop, the application's too: none of them is what keeps it."""
    with ready("agent_sweeper.py", short_path) as target:
        told = target.agent().explain_traced("type:__main__.Visit", lambda: target.tell("30"))
    assert told["retainers"] == [
        "asyncio.unix_events._UnixSelectorEventLoop",
        "._scheduled: list (31 entries)",
        "[*]: asyncio.events.TimerHandle",
        "._callback: method",
        "__main__.Visit",
    ]

"""Looking at the heap keeps no hold on what another thread may be building."""

from __future__ import annotations

import gc
import sys
import threading
from functools import partial

import pytest

from soakproof.agent.objects import tracked
from soakproof.agent.objects.kinds import CONTAINERS, Kinds
from soakproof.agent.objects.liveobjects import LiveObjects

LOOKS = [tracked.objects, tracked.ids, tracked.count, partial(tracked.find_and_count, frozenset()), LiveObjects]


class Marked:
    """An object that the collector tracks."""


@pytest.mark.parametrize("is_old", [False, True])
def test_no_tuple_is_held_by_looking(*, is_old: bool) -> None:
    """While what was found is held, no tuple has one more reference: a tuple being built could not grow then."""
    built = (Marked(), [])
    if is_old:
        gc.collect()
    before = sys.getrefcount(built)
    found = tracked.objects()
    assert sys.getrefcount(built) == before
    assert sum(thing is built[0] for thing in found) == 1
    assert not any(type(thing) is tuple or thing is found for thing in found)


def test_types_are_passed_over_when_asked() -> None:
    """None of them is found, young or old; all are counted."""

    class Seldom(Marked):
        """A type that no other test has objects of."""

    old = [Seldom()]
    gc.collect()
    young = Seldom()
    for passed_over in (frozenset[int](), frozenset((id(Seldom),))):
        found, counted = tracked.find_and_count(passed_over)
        assert [thing for thing in found if type(thing) in (list, tuple)] == []
        assert sum(thing is young or thing is old[0] for thing in found) == (0 if passed_over else 2)
        assert counted.get(id(Seldom)) == (2 if passed_over else None)
        assert counted[id(list)] > 1
        assert counted[id(tuple)] > 1


@pytest.mark.parametrize("look", LOOKS)
def test_looking_leaves_nothing_behind(look) -> None:
    """Once the answer is dropped nothing has another reference than before, without any collection."""
    things = [Marked(), (Marked(),), [Marked()]]
    before = [sys.getrefcount(thing) for thing in things]
    was_on = gc.isenabled()
    gc.disable()
    try:
        look()
        assert [sys.getrefcount(thing) for thing in things] == before
    finally:
        if was_on:
            gc.enable()


def test_no_container_of_its_own_is_found_by_looking() -> None:
    """What the census counts with, a Counter of types for one, would be taken for a container of the target's."""
    known = {id(thing) for thing in gc.get_objects()}
    live, kinds = LiveObjects(), Kinds()
    containers = [each for group in live.groups.values() for each in kinds.select(group, CONTAINERS)]
    assert containers
    assert [type(each) for each in containers if id(each) not in known] == []


def test_tuples_are_counted_all_the_same() -> None:
    """Totals and ids have the tuples, too."""
    built = (Marked(),)
    assert id(built) in set(tracked.ids())
    assert tracked.count() > len(tracked.objects())


@pytest.mark.parametrize("look", LOOKS)
def test_a_thread_builds_tuples_while_it_is_looked_at(look) -> None:
    """However often it is interrupted, a tuple made from a generator becomes whole."""
    is_over = threading.Event()
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)

    def look_on() -> None:
        while not is_over.is_set():
            look()

    watching = threading.Thread(target=look_on)
    watching.start()
    try:
        for _ in range(300):
            assert len(tuple(str(number) for number in range(300))) == 300
    finally:
        is_over.set()
        watching.join()
        sys.setswitchinterval(interval_s)

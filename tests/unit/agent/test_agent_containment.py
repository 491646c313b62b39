"""Which containers keep new things, each or some of them."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import pytest

from soakproof.agent.census import containment
from soakproof.agent.census.containment import Holders, find_containing
from tests.unit.agent.agent_target import ready


class Event:
    """Something that is put into a ring."""


def test_things_may_be_kept_in_one_or_another_of_several_rings() -> None:
    """What two bounded containers share between them is bounded; what neither keeps is not."""
    events = [Event() for _ in range(4)]
    here, there = deque(events[:2], maxlen=9), deque(events[2:], maxlen=9)
    holders = Holders(events, [("app:here", here), ("app:there", there)])
    assert holders.find(events) == ["app:here", "app:there"]
    assert holders.keep_each(events, frozenset({"app:here", "app:there"}))
    assert not holders.keep_each(events, frozenset({"app:here"}))
    assert not holders.keep_each([*events, Event()], frozenset({"app:here", "app:there"}))


class Part:
    """Has a list, and belongs to something that belongs to something else."""

    def __init__(self) -> None:
        self.items = ["tea"]
        vars(self)  # before Python 3.13 the attributes then lie in a dict of their own: one step more


def test_an_attribute_three_objects_deep_is_kept_by_what_holds_the_outermost() -> None:
    """The items of a visitor's cart are part of the registry of visitors, however the visitor is built."""
    cart, page, visitor = Part(), Part(), Part()
    page.cart, visitor.page = cart, page  # type: ignore[attr-defined]
    visitors = {"one": visitor}
    within = find_containing({"app:Part.items": cart.items}, [("lib:manager.visitors", visitors)])
    assert within == {"app:Part.items": "lib:manager.visitors"}


def test_a_visitor_with_a_list_of_his_own_and_a_cart_keeps_both() -> None:
    """He is met once on the way from his list, and again, a step later, on the way from the items of his cart."""
    cart, visitor = Part(), Part()
    visitor.cart = cart  # type: ignore[attr-defined]
    visitors = {"one": visitor}
    asked = {"app:Visitor.items": visitor.items, "app:Cart.items": cart.items}
    within = find_containing(asked, [("lib:manager.visitors", visitors)])
    assert within == dict.fromkeys(asked, "lib:manager.visitors")


def test_the_nearest_that_may_be_named_keeps_it() -> None:
    """A registry in a registry is what keeps the visitor's items, and not the one around it; each but the outermost."""
    visitor = Part()
    floor = {"one": visitor}
    house = {"first": floor}
    named: list[tuple[str, Any]] = [("app:HOUSE", house), ("app:floor", floor)]
    assert find_containing({"app:Part.items": visitor.items}, named) == {"app:Part.items": "app:floor"}


def test_what_a_list_in_passing_holds_is_kept_by_nobody() -> None:
    """A list that has no name is a sweep's copy as often as not."""
    visitor = Part()
    swept = {"copy": [visitor]}
    assert find_containing({"app:Part.items": visitor.items}, [("lib:swept", swept)]) == {}


def test_in_a_heap_too_large_who_keeps_what_stays_untold(monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many objects it is given up: the target is not to be held up."""
    monkeypatch.setattr(containment, "MOST_SEEN", 10)
    cart, visitor = Part(), Part()
    visitor.cart = cart  # type: ignore[attr-defined]
    visitors = {number: Part() for number in range(20)} | {20: visitor, 21: cart.items}  # within one holder, too
    assert find_containing({"app:Cart.items": cart.items}, [("app:VISITORS", visitors)]) == {}


def test_the_census_says_what_keeps_the_parts_of_visitors(short_path: Path) -> None:
    """Of carts, profiles and logs it is told that a library's registry holds the visitors whose parts they are."""
    with ready("agent_visitors.py", short_path) as target:
        agent = target.agent()
        agent.census()
        target.tell("20")
        infos = {info["owner"]: info.get("within") for info in agent.census()["infos"] if info.get("owner")}
    parts = ["Cart.items", "Cart.prices", "Profile.mails", "Visitor.log"]
    assert [infos[f"__main__:{part}"] for part in parts] == ["shelved:registry.sessions"] * len(parts)

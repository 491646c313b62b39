"""Which containers keep new things, each or some of them."""

from __future__ import annotations

from collections import deque

from soakproof.agent.census.containment import Holders


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

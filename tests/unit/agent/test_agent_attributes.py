"""The names of what an instance holds: found in its class's code, without making the dict it does without."""

from __future__ import annotations

import gc
from dataclasses import dataclass, field
from typing import Any

import pytest
from socketio import AsyncServer

from soakproof.agent.census.walk import FOLLOWED
from soakproof.agent.objects.attributes import Reader
from soakproof.agent.objects.instances import keeps_values_inline
from soakproof.agent.objects.kinds import Kinds
from soakproof.agent.objects.storednames import stored_by
from soakproof.agent.process import engines

MANY = 300


class Desk:
    """Something that takes its attributes in several ways, none of which makes it a dict."""

    def __init__(self) -> None:
        self.visitors: list[list[str]] = []
        setattr(self, "by_text", [self.visitors])  # noqa: B010  # the way that is tested

    def open(self) -> None:
        """Store one more, elsewhere than where most are."""
        self.later: list[list[str]] = [[]]


class Drawer:
    """Something that an attribute is added to late."""

    def __init__(self) -> None:
        self.first: list[str] = [""]
        self.second: Any = None


@dataclass
class Record:
    """Something whose ``__init__`` nobody wrote."""

    entries: list[str] = field(default_factory=list)


def opened() -> Desk:
    """Return a desk with all its attributes."""
    desk = Desk()
    desk.open()
    return desk


def parts(thing: Any) -> dict[str, Any]:
    """Return what a census reads off an object, by name."""
    return {name: values[0] for name, values in Reader(Kinds()).attributes(type(thing), [thing], FOLLOWED)}


def refers_to(thing: Any) -> list[int]:
    """Return what an instance itself refers to: its values, or the dict that it was made for them."""
    return sorted(map(id, gc.get_referents(thing)))


@pytest.mark.skipif(not keeps_values_inline(Desk), reason="Pythons that keep values inline and pay for a dict")
@pytest.mark.parametrize("make", [opened, Record])
def test_reading_an_instance_makes_it_no_dict(make: Any) -> None:
    """Its attributes and methods would be found by slower ways ever after (5 % of a server's instructions)."""
    thing = make()
    before = refers_to(thing)
    assert parts(thing)
    assert refers_to(thing) == before
    thing.__dict__  # noqa: B018  # what is not to happen
    assert refers_to(thing) != before


@pytest.mark.skipif(not keeps_values_inline(Desk), reason="Pythons that keep values inline and pay for a dict")
def test_asking_a_server_for_its_registries_makes_it_no_dict() -> None:
    """Neither what is counted at every reading, nor a ping that is set and given back."""
    server = AsyncServer(async_mode="asgi")
    things = [server, server.eio, server.manager]
    server.eio.ping_interval, server.eio.ping_timeout = pinged = (25.5, 20.5)
    before = list(map(refers_to, things))
    found = engines.Engines()
    found.find([[server], [server.eio]])
    assert "manager.rooms" in found.registries()
    found.set_ping(1.0, 2.0)
    assert (server.eio.ping_interval, server.eio.ping_timeout) == (1.0, 2.0)
    found.set_ping(None, None)
    assert (server.eio.ping_interval, server.eio.ping_timeout) == pinged
    assert found.hurry_sweeps() == 1
    assert list(map(refers_to, things)) == before


def test_attributes_are_found_wherever_they_were_stored() -> None:
    """In ``__init__``, in another method, by ``setattr``, by a dataclass; and from outside, where no code tells."""
    desk = opened()
    assert parts(desk).keys() == {"visitors", "by_text", "later"}
    assert parts(Record()).keys() == {"entries"}
    desk.put_on = [[]]  # type: ignore[attr-defined]
    assert parts(desk).keys() == {"visitors", "by_text", "later", "put_on"}


def test_what_is_put_later_on_an_instance_with_a_dict_is_found() -> None:
    """Its class was read already, and its dict is all that it refers to: on 3.9 and 3.10 each instance has one."""
    drawer = Drawer()
    assert parts(drawer).keys() < vars(drawer).keys() == {"first", "second"}
    drawer.second = [[]]
    assert parts(drawer).keys() == {"first", "second"}


def test_names_beyond_the_first_256_are_read_off_the_code() -> None:
    """Their numbers take more than a byte."""
    lines = "\n".join(f"self.name_{number} = []" for number in range(MANY))
    code = compile(lines, "<names>", "exec")
    assert list(stored_by(code)) == [f"name_{number}" for number in range(MANY)]

"""How far the target's ping is shortened: as far as its crowd allows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from soakproof.config import Config
from soakproof.run.assembly import choose_ping


class Engines:
    """An observer of one server with a ping of its own; remembers what it was asked to set."""

    def __init__(self, interval_s):
        engine = {"ping_interval_s": interval_s, "ping_timeout_s": 20.0}
        self._link = SimpleNamespace(hello={"engines": [engine]})
        self.asked = None

    def links(self):
        """Return the link to its agent."""
        return [self._link]

    def set_ping(self, interval_s, timeout_s):
        """Remember."""
        self.asked = (interval_s, timeout_s)


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({"clients": 200}, (1.0, 5.0)),
        ({"clients": 1000}, (1.0, 5.0)),
        ({"clients": 4000}, (4.0, 5.0)),
        ({"clients": 30_000}, None),
        ({"clients": 4000, "ping": 2.0, "ping_timeout": 3.0}, (2.0, 3.0)),
        ({"ping": 2.0, "ping_timeout": 60.0}, (2.0, 20.0)),
        ({"keep_ping": True}, None),
        ({"attach": "a.sock"}, None),
        ({"attach": "a.sock", "ping": 1.0}, (1.0, 5.0)),
    ],
    ids=repr,
)
def test_the_ping_is_as_short_as_the_crowd_allows(options, asked):
    """A thousand pings a second, unless it is said; never longer than its own, and left alone where it must be."""
    engines: Any = Engines(25.0)
    own, ping = choose_ping(Config(**options), engines)
    assert engines.asked == asked
    assert own.interval_s == 25.0
    assert (ping.interval_s, ping.timeout_s) == (asked or (25.0, 20.0))


def test_plain_websockets_have_no_ping_to_shorten():
    """Nothing is set, and nothing is said of it."""
    engines: Any = Engines(25.0)
    own, ping = choose_ping(Config(protocol="websocket"), engines)
    assert engines.asked is None
    assert own == ping
    assert (ping.interval_s, ping.timeout_s) == (1.0, 5.0)

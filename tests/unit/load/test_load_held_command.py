"""HeldCommandLoad: bursts made by somebody's command that stays."""

import time

import pytest

from soakproof.errors import ConfigError, LoadError
from soakproof.load.orders import Order
from soakproof.load.processes.held_command_load import HeldCommandLoad
from tests.unit.load.load_server import wait_until

OBEDIENT = "echo hello; while read word n; do echo sending $n; echo done $n; done; echo bye >&2"


@pytest.fixture
def hold(tmp_path):
    loads = []

    def start(command):
        load = HeldCommandLoad(command, "http://h:5", 5, tmp_path / "load.log")
        loads.append(load)
        load.start()
        return load

    yield start
    for load in loads:
        load.stop()


def burst(load, events, **order):
    load.begin(Order(**{"index": 1, "phase": "held", "clients": 7, "drops": {"close": 1}, "events": events, **order}))
    wait_until(lambda: load.progress().is_done)
    return load.tally()


def test_bursts_are_asked_for_and_answered(hold, tmp_path):
    """Clients count once, events as answered; what else the command says is in the log; none is left at the end."""
    load = hold(OBEDIENT)
    first, second = burst(load, 20), burst(load, 30)
    assert (first.opened, first.events, second.opened, second.events) == (7, 20, 0, 30)
    assert load.progress().open == 7
    last = burst(load, 0)
    assert (last.dropped, load.progress().open) == ({"command": 7}, 0)
    assert (tmp_path / "load.log").read_text() == "hello\nsending 20\nsending 30\nbye\n"


def test_a_command_that_ends_too_soon_is_an_error(hold):
    """Its exit code and last words are in the sentence."""
    with pytest.raises(LoadError, match="exit code 4; its last lines: lost my way"):
        burst(hold("read x; echo lost my way >&2; exit 4"), 5)


def test_only_bursts_are_made(hold):
    """A wave, or a steady phase, is refused."""
    with pytest.raises(ConfigError, match="makes bursts only"):
        burst(hold(OBEDIENT), None)


def test_stopping_ends_a_command_that_waits(hold):
    """Within 2 s, also in the middle of a burst."""
    load = hold("sleep 60")
    load.begin(Order(index=1, phase="held", clients=1, drops={"close": 1}, events=3))
    assert not load.progress().is_done
    began = time.monotonic()
    load.stop()
    load.stop()
    assert time.monotonic() - began < 2.0

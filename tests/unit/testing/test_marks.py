"""Markers: their options become words of the command line, and wrong ones are refused with a sentence."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from soakproof.errors import ConfigError
from soakproof.testing.marks import check_options, make_quick, read_markers, to_words


def marker(*args, **kwargs):
    return SimpleNamespace(args=args, kwargs=kwargs)


def test_the_inner_marker_goes_over_the_outer():
    """What a test says of its own stands over what its class says."""
    assert read_markers([marker(clients=5, waves=9), marker(clients=7)]) == {"clients": 7, "waves": 9}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"clients": 50, "at_rate": 2.5}, ["--clients", "50", "--at-rate", "2.5"]),
        ({"drop": "close,reset"}, ["--drop", "close,reset"]),
        ({"drop": ["close", "reset"]}, ["--drop", "close,reset"]),
        ({"drop": {"close": 2, "reset": 0.5}}, ["--drop", "close=2,reset=0.5"]),
        ({"join": 'enter={"room": 1}'}, ["--join", 'enter={"room": 1}']),
        ({"join": ("enter", "leave")}, ["--join", "enter", "--join", "leave"]),
        ({"auth": {"token": "x"}}, ["--auth", '{"token": "x"}']),
        ({"keep_ping": True, "silent_first": False}, ["--keep-ping"]),
    ],
)
def test_options_become_words(options, words, tmp_path):
    """Each way to write an option in Python is the one of the command line."""
    check_options(options, tmp_path)
    assert to_words(options) == words


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cleints": 5}, "bounded: unknown option 'cleints'; did you mean 'clients'?"),
        ({"out": "x"}, "bounded: 'out' is the soak fixture's own"),
        ({"margins": {}}, "bounded: unknown option 'margins'"),
        ({"clients": 0}, "--clients: expected int >= 1"),
        ({"clients": "many"}, "--clients: expected int, got str"),
        ({"drop": "clsoe"}, "--drop 'clsoe': no such drop mode; did you mean 'close'?"),
        ({"held": True}, "--held without --join"),
        ({"steady": -1}, "--steady -1.0: need 0 or more seconds"),
    ],
)
def test_wrong_options_are_refused(options, said, tmp_path):
    """Unknown names, impossible values and what cannot go together are told as the command line tells them."""
    with pytest.raises(ConfigError) as raised:
        check_options(options, tmp_path)
    assert said in str(raised.value)


def test_an_option_without_a_name_is_refused():
    """A marker's options have names."""
    with pytest.raises(ConfigError, match="got 5 without a name; need NAME=VALUE"):
        read_markers([marker(5)])


def test_quick_makes_a_soak_no_longer(tmp_path):
    """What is smaller already stays so, and what comes out can be soaked."""
    quick = make_quick({"clients": 20, "waves": 50, "join": "enter"})
    assert quick["clients"] == 20
    assert quick["waves"] < 50
    check_options(quick, tmp_path)

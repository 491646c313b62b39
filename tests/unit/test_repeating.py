"""A run's options, stored in its header without its secrets, make the same run again."""

from __future__ import annotations

import msgspec
import pytest

from soakproof.config import build_config
from soakproof.config.repeating import command_of, repeat_config, store_options
from soakproof.errors import ConfigError
from soakproof.plans import Plan, Rules, TargetInfo
from soakproof.samples import Header

COMMAND = ["python", "app.py", "{port}"]
ASKED = {
    "command": COMMAND,
    "waves": 3,
    "clients": 20,
    "join": ['room={"a": 1}', "hello"],
    "drop": "close=0.7,graceful=0.3",
    "transports": "polling,websocket",
    "page": ["/"],
    "take": ['id=name="x" value="(.*?)"'],
    "ping": 0.5,
    "steady": 0.0,
}


def make_header(options):
    """Return a header as a run's file gives it back."""
    target = TargetInfo(
        command=["python", "app.py", "45139"], url="http://127.0.0.1:45139", python="", versions={}, pids=[]
    )
    plan = Plan(waves=4, clients=30, warmup=2, steady_s=0.0, rate=50.0, drops={"close": 1.0})
    header = Header(
        soakproof="0", started_at="", seed=9, target=target, plan=plan, rules=Rules(fail_on="leak"), options=options
    )
    return msgspec.json.decode(msgspec.json.encode(header), type=Header)


def test_options_come_back_as_they_were():
    """All that was asked for is asked for again, whatever it is held as."""
    config = build_config(ASKED)
    header = make_header(store_options(config))
    assert command_of(header) == COMMAND
    assert repeat_config(header, COMMAND, {}) == config


def test_what_is_given_stands_in_their_place():
    """A verification may ask for more waves, and keeps the rest."""
    config = repeat_config(make_header(store_options(build_config(ASKED))), COMMAND, {"waves": 7, "join": []})
    assert (config.waves, config.clients, config.join) == (7, 20, build_config(ASKED).join)


@pytest.mark.parametrize(
    ("name", "given"),
    [("auth", '{"token": "hush"}'), ("header", ["Cookie: hush"]), ("query", ["token=hush"]), ("login", "/in a=hush")],
)
def test_no_secret_is_stored_and_each_has_to_be_given_again(name, given):
    """Reports are shown to others; the sentence says which option is missing."""
    config = build_config({**ASKED, name: given})
    header = make_header(store_options(config))
    assert b"hush" not in msgspec.json.encode(header)
    with pytest.raises(ConfigError, match=f"--{name}: .*give it again"):
        repeat_config(header, COMMAND, {})
    assert repeat_config(header, COMMAND, {name: given}) == config


def test_a_run_of_before_options_were_stored_is_repeated_by_its_plan():
    """Its load and its rules are known; its command has the port filled in, which becomes a placeholder again."""
    header = make_header(None)
    config = repeat_config(header, command_of(header), {})
    assert config.command == COMMAND
    assert (config.waves, config.clients, config.warmup, config.seed, config.fail_on) == (4, 30, 2, 9, "leak")


def test_an_attached_run_has_no_command():
    """Nobody knows how to start what was not started."""
    assert command_of(make_header({})) == []


def test_a_wrong_value_is_a_sentence():
    """As on the command line of a run."""
    with pytest.raises(ConfigError, match="--waves"):
        repeat_config(make_header(store_options(build_config(ASKED))), COMMAND, {"waves": 0})

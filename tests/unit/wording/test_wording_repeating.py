"""The command line of a stored run: what was asked for, quoted, and nothing that was not stored."""

from __future__ import annotations

import shlex

import click
import msgspec
import pytest

from soakproof.commands.runoptions import make_options
from soakproof.config import Config
from soakproof.config.repeating import store_options
from soakproof.judge import judge_run
from soakproof.wording.repeating import say_next, say_repeat
from tests.synthetic_runs import make_run


def header_with(**options):
    return msgspec.structs.replace(make_run().header, options=options)


def test_options_are_told_as_they_are_typed():
    """Flags, values, drop modes and repeated texts each have their form."""
    said = say_repeat(
        header_with(
            command=["python", "a b.py", "--port", "{port}"],
            waves=7,
            steady=12.5,
            drop={"close": 1.0, "reset": 3.0},
            held=True,
            no_trim=False,
            transports=["polling", "websocket"],
            page=["/a", "/b c"],
        )
    )
    assert said == (
        "soakproof run --waves 7 --steady 12.5 --drop close,reset=3 --held --transports polling,websocket "
        "--page /a --page '/b c' -- python 'a b.py' --port {port}"
    )


def test_what_is_not_stored_has_an_ellipsis():
    """A secret, and what has no short form, are named alone."""
    assert say_repeat(header_with(auth=None, take=[{"name": "x"}])).startswith("soakproof run --auth … --take … -- ")


def test_an_attached_target_has_no_command():
    """It is attached to again."""
    header = make_run().header
    attached = msgspec.structs.replace(header, options={}, target=msgspec.structs.replace(header.target, command=[]))
    assert say_repeat(attached) == "soakproof run --attach …"


def test_the_command_line_reads_what_is_told():
    """What is told of stored options, click parses to the same values."""
    config = Config(command=["python", "app.py"], waves=3, clients=50, drop={"close": 2.0}, held=True, seed=9)
    header = msgspec.structs.replace(make_run().header, options=store_options(config))
    words = shlex.split(say_repeat(header))[2:]
    command = click.Command("run", params=[*make_options(), click.Argument(["words"], nargs=-1)])
    told = command.make_context("run", words).params
    assert (told["waves"], told["clients"], told["drop"], told["held"], told["seed"]) == (3, 50, "close=2", True, 9)
    assert told["words"] == ("python", "app.py")


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("leak", "soakproof verify R -- python -m server --port {port}"),
        ("bounded", "soakproof compare R NEW"),
    ],
)
def test_the_next_command_follows_from_the_verdict(kind, command):
    """A leak is verified after its mend, a bounded run is compared with the next."""
    run = make_run(kind)
    assert say_next(run, judge_run(run), "R")[1] == command


def test_where_the_advice_alone_tells_there_is_no_command():
    """An invalid run wants its cause mended, which no command does."""
    run = make_run("died")
    assert say_next(run, judge_run(run), "R") is None

"""Nothing that a target may hold ends it, loses a census, or has its code run by the agent: on every Python."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.matrix.interpreters import bin_of
from tests.programs import python_of
from tests.unit.agent.agent_target import Target, running

OTHERS = [
    pytest.param(minor, marks=pytest.mark.slow) for minor in ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
]
PYTHONS = pytest.mark.parametrize("minor", ["", *OTHERS])
SLOW = pytest.mark.timeout(600)
PATIENCE_S = 300.0
Subjects = list[list[str | None]]  # metric, owner


def look(target: Target, subjects: Subjects, follows: str) -> dict[str, Any]:
    """Ask for all that the agent can tell, and return the last census; each must be answered."""
    agent = target.agent()
    agent.socket.settimeout(PATIENCE_S)
    for op in ("hello", "counters", "sweep"):
        agent.ask(op)
    agent.ask("objects", collect=True)
    agent.census(discover=True)
    agent.ask("explain", subjects=subjects)
    agent.ask("watch", owners=[follows])
    agent.ask("counters")
    agent.ask("follow", owners=[follows])
    assert target.tell("x")
    agent.ask("followed")
    return agent.census()


@SLOW
@PYTHONS
def test_instances_that_were_never_initialised_are_read_safely(short_path: Path, minor: str) -> None:
    """One, and some of derived classes, of every class of Python's own: methods of C crash on some, and are not called.

    `Task.get_coro` of Python 3.11 is such a method, and granian's tasks are such instances.
    """
    with running([python_of(minor), "agent_halfmade.py"], short_path, HALFMADE_NAMES="1") as target:
        assert target.process.stdout
        said, chosen, made = target.process.stdout.readline().split()
        assert said == "ready"
        assert int(made) > int(chosen)
        names = target.process.stdout.readline().split()
        likely = [name for name in ("_asyncio.Task", "_asyncio.Future", "greenlet.greenlet") if name in names]
        types: Subjects = [[f"type:{name}", None] for name in likely]
        subjects: Subjects = [*types, ["registry:__main__.KEPT", "__main__:KEPT"], ["task:total", None]]
        metrics = look(target, subjects, "__main__:KEPT")["metrics"]
        assert metrics["task:total"] > 0
        assert target.process.poll() is None


@SLOW
@PYTHONS
def test_hostile_objects_cost_no_census_and_are_asked_nothing(short_path: Path, minor: str) -> None:
    """A slice of the fuzz: what is honest among them is counted to the entry, and no code of theirs has run."""
    with running(
        [python_of(minor), "agent_hostile.py", "7", "300" if not minor else "5000"],
        short_path,
    ) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        target.agent().census()
        for _ in range(3):
            assert target.tell("x").startswith("done")
        subjects: Subjects = [
            ["registry:__main__.GROWS", "__main__:GROWS"],
            ["registry:__main__.KEPT", "__main__:KEPT"],
            ["type:__main__.Hostile0", None],
            ["task:total", None],
            ["thread:total", None],
            ["fd:total", None],
        ]
        census = look(target, subjects, "__main__:GROWS")
        assert census["metrics"]["registry:__main__.GROWS"] == 4
        assert target.tell("x") == "done"  # and names nothing that ran where it must not
        assert target.process.poll() is None


def test_what_cannot_be_read_is_counted_and_told(short_path: Path) -> None:
    """The census says how many objects of which type it skipped, and why; everything else is counted all the same."""
    program = (
        "import sys, functools\n"
        "class Odd:\n    __slots__ = ('kept',)\n"
        "things = [Odd() for _ in range(3)]\n"
        "ROOMS = {1: 2}\n"
        "agent = sys.modules['_soakproof_agent']\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "from _soakproof_agent.objects import attributes\n"
        "whole = attributes.Reader.attributes\n"
        "def attributes_of(self, of, group, wanted):\n"
        "    if of is Odd: raise ValueError('odd')\n"
        "    return whole(self, of, group, wanted)\n"
        "attributes.Reader.attributes = attributes_of\n"
        "ROOMS[3] = 4\n"
        "print('done', flush=True)\n"
        "sys.stdin.readline()\n"
    )
    with running([sys.executable, "-c", program], short_path) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        assert target.agent().census()["unreadable"] == {}
        assert target.tell("break") == "done"
        census = target.agent().census()
        assert census["unreadable"] == {"__main__.Odd (ValueError)": 4}  # all together, then each
        assert census["metrics"]["registry:__main__.ROOMS"] == 2


def test_a_getter_of_c_that_forwards_is_not_asked(short_path: Path) -> None:
    """Proxies of wrapt show the ``__dict__`` of what they wrap: a list has none, and another's may run code."""
    python = str(bin_of("wrapt") / "python")
    program = (
        "import sys, wrapt\n"
        "class Loud:\n    __dict__ = property(lambda self: sys.exit('was asked'))\n"
        "class Mixin:\n    pass\n"
        "class Counting(Mixin, wrapt.ObjectProxy):\n    pass\n"
        "PROXIES = [wrapt.ObjectProxy([1]), Counting(Loud())]\n"
        "PROXIES[1]._self_seen = {1: 1, 2: 2}\n"
        "print('ready', flush=True)\n"
        "for line in sys.stdin:\n    PROXIES[1]._self_seen[line] = 1; print('done', flush=True)\n"
    )
    with running([python, "-c", program], short_path) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        agent = target.agent()
        agent.census()
        assert target.tell("x") == "done"
        census = agent.census()
        assert census["unreadable"] == {}
        assert census["metrics"]["registry:__main__.PROXIES[*]._self_seen"] == 3
        agent.explain("registry:__main__.PROXIES", "__main__:PROXIES")


def test_what_says_it_is_a_module_is_none(short_path: Path) -> None:
    """Twisted puts objects into `sys.modules` of which ``__class__`` says module."""
    program = (
        "import sys, types\n"
        "class Lying:\n    __class__ = property(lambda self: types.ModuleType)\n"
        "    def __getattribute__(self, name):\n"
        "        return types.ModuleType if name == '__class__' else sys.exit(name)\n"
        "sys.modules['lying'] = Lying()\n"
        "class Kept:\n    __module__ = 'lying'\n    def __init__(self): self.rooms = {1: 2}\n"
        "KEPT = Kept()\n"
        "print('ready', flush=True)\n"
        "for line in sys.stdin:\n    KEPT.rooms[line] = 1; print('done', flush=True)\n"
    )
    with running([sys.executable, "-c", program], short_path) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        agent = target.agent()
        assert "lying" not in json.dumps(agent.ask("hello")["versions"])
        agent.census()
        assert target.tell("x") == "done"
        grown = {name: value for name, value in agent.census()["metrics"].items() if "rooms" in name}
        assert list(grown.values()) == [2]


def test_a_list_of_c_with_empty_places_is_gone_through(short_path: Path) -> None:
    """A parser of XML that is under way keeps such a list: its places hold no object, not even None."""
    program = (
        "import sys, xml.etree.ElementTree as tree\n"
        "PARSING = [tree.TreeBuilder()]\n"
        "print('ready', flush=True)\n"
        "for line in sys.stdin:\n    PARSING.append(tree.XMLPullParser()); print('done', flush=True)\n"
    )
    with running([sys.executable, "-c", program], short_path) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        agent = target.agent()
        agent.census()
        assert target.tell("x") == "done"
        assert agent.census()["metrics"]["registry:__main__.PARSING"] == 2
        agent.explain("registry:__main__.PARSING", "__main__:PARSING")
        assert target.tell("x") == "done"

"""What can be planted is told, what cannot is refused, and nothing of it is there unasked."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from server.plants import LEAKS, PLANTS, TRAPS, check
from tests.plants.driven import run_python


def test_help_describes_each_plant_in_a_sentence():
    """``--plant help`` lists all, each with one sentence."""
    listed = run_python(None, "-m", "server", "--plant", "help")
    for name, plant in PLANTS.items():
        [line] = [line for line in listed.splitlines() if line.strip().startswith(f"{name} ")]
        assert plant.__doc__.strip() in line
        assert plant.__doc__.strip().endswith(".")
        assert "\n" not in plant.__doc__.strip()
    assert len(LEAKS) == 25
    assert len(TRAPS) == 8


def test_a_plant_is_a_few_lines():
    """No plant is longer than twenty lines, docstring included."""
    assert {name: len(inspect.getsource(plant).splitlines()) for name, plant in PLANTS.items()} == {
        name: pytest.approx(10, abs=10) for name in PLANTS
    }


def test_without_a_plant_none_of_the_code_is_imported():
    """A server that was not asked to plant anything has not loaded the plants."""
    code = (
        "import sys\n"
        "from server import __main__\n"
        "from server.app import Server\n"
        "Server()\n"
        "print([name for name in sys.modules if name.startswith('server.plants')])\n"
    )
    assert run_python(code) == "[]"


@pytest.mark.parametrize(
    ("plant", "sentence"),
    [
        ("oak", "--plant oak: no such plant; need one of broadcast-times,"),
        ("fd@2", "--plant fd@2: rate '2', need more than 0 and at most 1, as in fd@0.01"),
        ("fd@0", "--plant fd@0: rate '0', need more than 0 and at most 1"),
        ("fd@", "--plant fd@: rate '', need more than 0 and at most 1"),
        ("fd@nan", "--plant fd@nan: rate 'nan', need more than 0 and at most 1"),
        ("sawtooth@0.1", "--plant sawtooth@0.1: a trap has no rate; write sawtooth"),
    ],
)
def test_a_plant_that_cannot_be_is_refused_in_a_sentence(plant, sentence, capsys):
    """A wrong name or rate ends the command with exit code 2 and what to write instead."""
    assert refuse([plant]) == 2
    assert sentence in capsys.readouterr().err


def test_a_plant_in_memory_is_refused_with_redis(capsys):
    """A leak of what lives in Redis would leak nothing, and is refused rather than planted in vain."""
    assert refuse(["document-locks@0.1"], has_redis=True) == 2
    assert "leave one out" in capsys.readouterr().err


def refuse(plants, *, has_redis=False):
    with pytest.raises(SystemExit) as caught:
        check(plants, has_redis=has_redis)
    return caught.value.code


def test_several_workers_refuse_a_plant_before_they_are_started():
    """The command says once what is wrong, instead of starting workers that end at once."""
    options = ["--port", "0", "--workers", "2", "--redis", "redis://127.0.0.1:1", "--plant", "oak"]
    command = [sys.executable, "-m", "server", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--plant oak: no such plant")
    assert done.stderr.count("\n") == 1

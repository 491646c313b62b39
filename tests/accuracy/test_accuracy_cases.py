"""The campaign's cases: all plants are in it, its commands are ones that soakproof takes, and its marks can fail."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from benchmarks import zoo
from benchmarks.accuracy.animals import ANIMALS
from benchmarks.accuracy.cases import all_cases, choose, vary
from benchmarks.accuracy.marking import is_named
from benchmarks.accuracy.records import Culprit
from benchmarks.accuracy.truths import LEAKS, TRAPS
from server import plants
from soakproof.commands import app

CASES = {case.name: case for case in all_cases()}


def test_every_plant_and_trap_is_in_the_campaign():
    """What can be planted is what is run."""
    assert set(LEAKS) == set(plants.LEAKS)
    assert set(TRAPS) == set(plants.TRAPS)


def test_every_animal_is_in_the_campaign_on_both_sides():
    """What is in the zoo is what is run, leaky and clean."""
    files = {file.stem.replace("_", "-") for file in Path(zoo.__path__[0]).glob("*.py")}
    assert set(ANIMALS) == files - {"--init--", "--main--", "animal"}
    for name in ANIMALS:
        assert CASES[f"zoo {name}"].right == {"leak"}
        assert CASES[f"zoo {name}, clean"].right == {"bounded"}


def test_a_round_goes_through_every_case_before_the_next():
    """The second run of any case comes after the first of all."""
    numbers = [number for _, number in choose(2, "*")]
    assert numbers == sorted(numbers)
    assert len(numbers) == 2 * len(CASES)


def test_cases_are_chosen_by_name_and_group():
    """A pattern chooses by the name of a case or by that of its group."""
    assert [case.name for case, _ in choose(1, "fd*")] == ["fd", "fd@0.01", "fd, Python 3.14"]
    assert {case.group for case, _ in choose(1, "trap,clean")} == {"trap", "clean"}


def test_clean_runs_differ_and_can_be_repeated():
    """Each number has its seed and its wave size, the same each time."""
    clean = next(case for case in CASES.values() if case.group == "clean")
    assert vary(clean, 1) == vary(clean, 1)
    assert len({vary(clean, number) for number in range(20)}) == 20


@pytest.mark.parametrize("name", CASES)
def test_soakproof_takes_the_options(name):
    """Every option of a case is one that the command line knows."""
    run = app.get_command(click.Context(app), "run")
    assert run is not None
    case = CASES[name]
    words = [*case.options, *vary(case, 1), "--", "python", *case.target]
    context = run.make_context("run", list(words))
    assert context.params["command"][0] == "python"


@pytest.mark.parametrize("name", [case.name for case in CASES.values() if case.truth])
def test_no_truth_takes_another_leak_for_its_own(name):
    """A verdict that names something else is not marked as named right."""
    wrong = Culprit(metric="registry:app.Nowhere.nothing", owner="app:Nowhere.nothing", lines=["app.py:1 nobody"])
    assert not is_named(CASES[name], wrong)
    assert not is_named(CASES[name], None)


def test_a_right_name_is_marked_so():
    """The owner, the line, the type or the trigger is enough."""
    trigger = "the disconnect handler raising RuntimeError at mistakes.py:26 (2.00 times per connection)"
    assert is_named(CASES["raising-disconnect"], Culprit(metric="registry:x", trigger=trigger))
    assert is_named(CASES["global-list"], Culprit(metric="registry:x", owner="server.plants.leaks:VISITORS"))
    assert is_named(CASES["late-lock"], Culprit(metric="type:x", lines=["server/locks.py:70 acquire"]))
    assert is_named(CASES["reference-cycle"], Culprit(metric="type:server.plants.leaks.Client"))
    line = "server/plants/leaks.py:57 plant_reference_cycle.<locals>.tie"
    assert is_named(CASES["reference-cycle"], Culprit(metric="heap:blocks", lines=[line]))

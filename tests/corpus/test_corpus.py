"""Real leaks of libraries that serve Socket.IO are convicted and named; their mended versions are proven bounded."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.corpus.case import BUILDS, load_case, load_cases
from tests.corpus.case import CASES as CASES_FOLDER
from tests.corpus.environment import MissingPythonError, interpreter
from tests.corpus.soaking import place_of, shortcomings, soak, stored
from tests.corpus.table import DOCUMENT, render

CASES = [case.name for case in load_cases()]
SIDES = [(case, build) for case in CASES for build in BUILDS]
SOAKED = [(case, build) for case, build in SIDES if place_of(case, build).exists()]


@pytest.mark.slow
@pytest.mark.timeout(1000)
@pytest.mark.parametrize(("name", "build"), SIDES)
def test_a_real_leak_is_convicted_and_its_mended_twin_is_not(name, build):
    """Soaked as a user would, the leaky version is convicted of the very container, and the fixed one is bounded."""
    case = load_case(name)
    try:
        interpreter(case.python)
    except MissingPythonError as error:
        pytest.skip(str(error))
    check(case, soak(case, case.builds[build]))


@pytest.mark.parametrize(("name", "build"), SOAKED)
def test_the_result_on_file_is_of_the_case_as_it_stands(name, build):
    """No stored result is older than what was soaked, and none falls short unsaid."""
    case = load_case(name)
    result = stored(case, case.builds[build])
    assert result is not None, f"{place_of(name, build)} is stale: run `make corpus CASE={name}`"
    check(case, result)


def check(case, result):
    """What falls short is said to be open, and what is said to be open falls short."""
    short = shortcomings(case, result)
    assert bool(short) == bool(case.builds[result["build"]].open), short


def test_the_page_says_what_the_results_say():
    """docs/corpus.md is what the stored results make it."""
    assert DOCUMENT.read_text() == render(load_cases())


def test_a_changed_pin_makes_a_result_stale(tmp_path, monkeypatch):
    """What was soaked with other versions is no result of the case."""
    copy = shutil.copytree(CASES_FOLDER / "half-packet", tmp_path / "half-packet")
    monkeypatch.setattr("tests.corpus.case.CASES", tmp_path)
    case = load_case("half-packet")
    assert case.fingerprint() == fingerprint_before_any_change()
    pins = copy / "leaky.txt"
    pins.write_text(pins.read_text().replace("5.16.3", "5.16.2"))
    assert case.fingerprint() != fingerprint_before_any_change()


def fingerprint_before_any_change():
    return json.loads(place_of("half-packet", "leaky").read_text())["fingerprint"]


def test_a_missing_python_is_told_in_a_sentence():
    """A machine without an old Python skips what needs it, and says which."""
    with pytest.raises(MissingPythonError, match=r"no Python 3\.2 on this machine; need it"):
        interpreter("3.2")


def test_a_wrong_culprit_falls_short():
    """A leak that is found but put down to something else is no success."""
    case = load_case("half-packet")
    leak = {"name": "eio.sockets", "trigger": None}
    assert shortcomings(case, {"build": "leaky", "verdict": "leak", "leaks": [leak], "reason": ""})
    assert shortcomings(case, {"build": "leaky", "verdict": "bounded", "leaks": [], "reason": "nothing grew"})
    assert shortcomings(case, {"build": "fixed", "verdict": "inconclusive", "leaks": [], "reason": "too few"})

"""docs/found.md says what was seen of packages in the wild, and each of them can be soaked again."""

from __future__ import annotations

import pytest

from soakproof.load.drops import MODES
from tests.found.case import APPS, DROPS, load_cases
from tests.found.page import DOCUMENT, render
from tests.found.soaking import load_results

CASES = load_cases()


def test_the_page_says_what_the_results_say():
    """It is written by ``python -m tests.found``, and by nobody's hand but for what was found."""
    assert DOCUMENT.read_text() == render()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_has_its_server(case):
    """A file of ``apps`` that its command names."""
    words = " ".join(case.command)
    assert any(file.name in words or f"{file.stem}:" in words for file in APPS.glob("*.py")) or "server" in words


def test_drop_modes_are_known():
    """Those of each protocol are soakproof's, and plain WebSockets get plain ones."""
    modes = {kind: drops.split(",") for kind, drops in DROPS.items()}
    assert {mode for drops in modes.values() for mode in drops} <= set(MODES)
    assert all(MODES[mode].is_plain for mode in modes["websocket"])


def test_results_are_of_cases_that_are_there():
    """What was taken out of the list does not stay on the page."""
    assert set(load_results()) <= {case.name for case in CASES}

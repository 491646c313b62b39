"""Other tools beside the same leaks: how a place is told from their lines, and what the page makes of the data."""

import inspect
from typing import Any

import pytest

from benchmarks.peers.cases import REAL, animals, make_case
from benchmarks.peers.marking import find_place
from benchmarks.peers.page import describe
from benchmarks.peers.tools import TOOLS
from benchmarks.zoo import buffer
from tests.corpus.case import load_cases

CASES = {case.name: case for case in animals()}
SERVE = f"{buffer.__file__}:{inspect.getsourcelines(buffer.Server.serve)[1] + 2}"


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ([f"{SERVE} +100 B"], 1),
        (["/usr/lib/python3/ssl.py:1 +9 B", f"/usr/lib/python3/x.py:1 < {SERVE} < /usr/lib/y.py:2 +1 B"], 2),
        ([f"{buffer.__file__}:1 +100 B"], None),
        ([], None),
    ],
)
def test_a_line_names_the_leak_by_its_function(lines, place):
    """Anywhere on a stack, and not by its file alone."""
    assert find_place(CASES["buffer"], lines, tells_lines=True) == place


@pytest.mark.parametrize(
    ("name", "lines", "place"),
    [
        ("buffer", ["dict +12", "bytearray +1 +100 B"], 2),
        ("table", ["sqlite3.Cursor +500", "dict +1"], None),
        ("timer", ["tuple +500", "TimerHandle +500"], 2),
    ],
)
def test_a_type_names_the_leak_by_what_is_kept(name, lines, place):
    """What no type tells is named by none."""
    assert find_place(CASES[name], lines, tells_lines=False) == place


@pytest.mark.parametrize(
    ("lines", "place"), [(["function +1", "Packet +500"], 2), (["Packet +3", "function +1"], None)]
)
def test_of_a_real_leak_a_few_objects_name_nothing(lines, place):
    """It keeps as many as there are clients; a few of the right type came once."""
    assert find_place(make_case("half-packet", "python"), lines, tells_lines=False) == place


def test_every_case_of_the_corpus_is_shown_to_the_tools():
    """A new case is one of the page's, too."""
    assert set(REAL) == {case.name for case in load_cases()}


def test_the_page_says_places_and_costs_of_what_was_run():
    """What was not run is said to be so; costs are relative to the bare server's."""
    common = {"connections": 500, "seconds": 0.5, "error": None, "commit": "abc"}
    made: list[dict[str, Any]] = [
        {**common, "case": "buffer", "tool": "bare", "cpu_ms_per_connection": 1.0, "place": None, "lines": []},
        {
            **common,
            "case": "buffer",
            "tool": "memray",
            "cpu_ms_per_connection": 3.0,
            "place": 2,
            "lines": ["a:1", "b:2"],
        },
        {
            **common,
            "case": "buffer",
            "tool": "objgraph",
            "cpu_ms_per_connection": 1.5,
            "place": None,
            "lines": ["x +1"],
        },
    ]
    page = describe(made, [])
    row = next(line for line in page.splitlines() if line.startswith("| buffer |"))
    cells = dict(zip(["soakproof", *list(TOOLS)[1:]], [cell.strip() for cell in row.split("|")[2:-1]], strict=True))
    assert cells == {
        "soakproof": "not run",
        "tracemalloc": "not run",
        "memray": "2",
        "objgraph": "-",
        "Pympler": "not run",
        "guppy3": "not run",
    }
    assert "| memray | 0.50 (0.50 to 0.50) | 3.00 (3.00 to 3.00) |" in page
    assert "| objgraph | 0.50 (0.50 to 0.50) | 1.50 (1.50 to 1.50) |" in page

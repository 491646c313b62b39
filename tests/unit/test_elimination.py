"""Whose memory it is: Python's by its lines, or by elimination that of C code."""

from __future__ import annotations

import pytest

from soakproof.culprits import Culprit, Site
from soakproof.measure.elimination import eliminate
from soakproof.samples import Lines
from tests.fed_series import make_finding

C_CODE = "C code in the process besides Python's own: uvloop."


def lines(*pairs):
    """Return growth by line: bytes and number of allocations per connection."""
    sites = [
        Site(file="app.py", line=at, function="f", per_connection_bytes=size, per_connection=count)
        for at, (size, count) in enumerate(pairs, start=1)
    ]
    return Lines(connections=100, sites=sites)


def judge(metric, growth, *pairs):
    finding = make_finding(metric, per_connection=growth)
    return eliminate(Culprit(owner=metric, note=C_CODE), finding, lines(*pairs))


@pytest.mark.parametrize("metric", ["heap:in_use_bytes", "process:uss"])
def test_what_python_did_not_hand_out_is_native(metric):
    """Where tracing saw a tenth of the growth, no line is to blame, and the C code in the process is named."""
    culprit = judge(metric, 2048.0, (150.0, 0.0), (50.0, 0.1))
    assert (culprit.memory, culprit.sites) == ("native", [])
    assert culprit.note.startswith("Python's allocators gave out 200 of 2,048 bytes per connection (tracemalloc)")
    assert culprit.note.endswith(C_CODE)


def test_what_python_handed_out_swells_at_its_lines():
    """Where tracing saw most of the growth, something that is there already swells, and the lines say what."""
    culprit = judge("heap:in_use_bytes", 2048.0, (100.0, 1.0), (2000.0, 0.0), (50.0, 0.1))
    assert culprit.memory == "swelling"
    assert [site.line for site in culprit.sites] == [2, 3]


def test_what_the_last_clients_still_held_is_not_blamed():
    """Objects that grow in number while tracing, of a server whose counts are flat, are on their way out."""
    assert judge("heap:in_use_bytes", 396.0, (58.0, 0.52), (320.0, 1.06), (26.0, 0.0)).memory == "native"


def test_objects_that_nothing_holds_are_told_by_the_lines_that_make_the_most():
    """Of counted totals the busiest lines come first, whatever they weigh."""
    culprit = judge("heap:objects", 2.0, (900.0, 0.1), (100.0, 2.0), (10.0, 1.0), (5.0, 0.5))
    assert [site.line for site in culprit.sites] == [2, 3, 4]


def test_of_blocks_of_a_size_the_lines_come_first_that_allocate_such():
    """A line that allocates as often, but another size, comes after the one whose objects take such blocks."""
    culprit = judge("blocks:80", 0.5, (128.0, 0.5), (36.5, 0.5), (20.0, 0.1))
    assert [site.line for site in culprit.sites] == [2, 1, 3]
    assert [site.line for site in judge("blocks:large", 0.5, (36.5, 0.5), (500.0, 0.5)).sites] == [2, 1]

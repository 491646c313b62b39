"""The second pass: what its readings are turned into."""

from __future__ import annotations

import pytest

from soakproof.diagnose import add_filling_sites, describe_trigger, to_site
from soakproof.samples import Culprit, Site

LINE = {"file": "app.py", "line": 31, "function": "connect", "count": 50, "source": "SEEN[sid] = True"}


def test_growth_is_given_per_connection():
    """A site's bytes and count are divided by the connections of the traced wave."""
    site = to_site({**LINE, "bytes": 21_200}, connections=100)
    assert (site.per_connection_bytes, site.per_connection) == (212.0, 0.5)


def test_the_line_that_fills_the_container_stands_first():
    """A filling line comes before the lines that allocate, keeps the bytes it allocates, and is not listed twice."""
    allocating = [
        Site(file="lib.py", line=2, function="make", per_connection_bytes=80.0),
        Site(file="app.py", line=31, function="connect", per_connection_bytes=12.0),
    ]
    culprit = Culprit(owner="app:SEEN", sites=allocating)
    add_filling_sites(culprit, [LINE], connections=50)
    assert [(site.file, site.line, site.role) for site in culprit.sites] == [
        ("app.py", 31, "fills"),
        ("lib.py", 2, "allocates"),
    ]
    assert (culprit.sites[0].per_connection, culprit.sites[0].per_connection_bytes) == (1.0, 12.0)


@pytest.mark.parametrize(
    ("by_mode", "sentence"),
    [
        ({"close": 1.0, "reset": 1.0}, "every drop mode (close, reset)"),
        ({"close": 0.0, "mid-binary": 1.0}, "drop mode mid-binary (per connection: close +0.00, mid-binary +1.00)"),
        ({"close": 0.0, "reset": 0.0}, None),
    ],
)
def test_the_trigger_is_the_mode_that_makes_it_grow(by_mode, sentence):
    """Modes that grow at least half as much as the worst are named; no growth names none."""
    assert describe_trigger(by_mode) == sentence

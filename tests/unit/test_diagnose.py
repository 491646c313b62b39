"""The second pass: what its readings are turned into."""

from __future__ import annotations

import pytest

from soakproof.culprits import Culprit, Site
from soakproof.measure.blame import add_filling_sites, add_raised, find_event, find_raised, find_swelling
from soakproof.measure.diagnose import find_followed, find_owners, wanted_clients
from soakproof.samples import Metric
from tests.fed_series import make_finding
from tests.synthetic_runs import make_run

LINE = {"file": "app.py", "line": 31, "function": "connect", "count": 50, "source": "SEEN[sid] = True"}


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
    ("metric", "rate", "clients"),
    [("registry:app.SEEN", 0.05, 40), ("buffer:app.JOURNAL", 100.0, 1), ("heap:in_use_bytes", 120.0, 103)],
)
def test_the_wave_is_as_large_as_shows_the_leak(metric, rate, clients):
    """Two entries of a rare leak; of what C code keeps a few pages, since by pages it takes them from malloc."""
    assert wanted_clients(make_finding(metric, per_connection=rate), entries=2) == clients


ERROR = {**LINE, "event": "disconnect", "error": "KeyError", "count": 40, "source": "del NAMES[sid]"}


@pytest.mark.parametrize(("growth", "count", "is_blamed"), [(3.0, 40, True), (0.05, 4, True), (1.0, 10, False)])
def test_a_handler_is_blamed_that_fails_about_as_often_as_the_leak_grows(growth, count, is_blamed):
    """Rooms grow by three entries for each failure; one failure in four explains no leak of each connection."""
    suspect = make_finding("library:manager.rooms", per_connection=growth)
    error = {**ERROR, "count": count}
    assert find_raised([error], suspect, connections=40) == (error if is_blamed else None)
    assert find_raised([], suspect, connections=40) is None


def test_the_line_that_raises_comes_first_where_the_library_is_left_unclean():
    """The trigger names handler, exception, place and rate; the application's own keeps the lines that fill it."""
    filling = Site(file="app.py", line=9, function="f", role="fills")
    library = Culprit(owner="socketio:rooms", origin="library", sites=[filling])
    own = Culprit(owner="app:SEEN", sites=[filling])
    for culprit in (library, own):
        add_raised(culprit, ERROR, connections=40)
        assert culprit.trigger == "the disconnect handler raising KeyError at app.py:31 (1.00 times per connection)"
    assert [site.role for site in library.sites] == ["raises", "fills"]
    assert library.sites[0].source == "del NAMES[sid]"
    assert own.sites == [filling]


@pytest.mark.parametrize(
    ("events", "expected"), [({"connect": 9, "join": 1}, "connect"), ({"connect": 4}, None), ({}, None)]
)
def test_an_event_is_named_that_fills_most_of_it(events, expected):
    """An event whose handler filled less than half of what the lines did is not where it comes from."""
    assert find_event(events, [{**LINE, "count": 10}]) == expected


def test_all_leaking_containers_are_looked_for_those_that_follow_included():
    """A class may be kept in a container that was folded under the suspect; types have no owner."""
    run = make_run("leak")
    for name in ("app.SEEN", "app.SEEN[*]"):
        metric = f"registry:{name}"
        run.metrics[metric] = Metric(metric=metric, owner=name.replace(".", ":", 1))
    suspect = make_finding("registry:app.SEEN", consequences=["type:app.Visit", "registry:app.SEEN[*]", "heap:blocks"])
    assert find_owners([suspect], run) == ["app:SEEN", "app:SEEN[*]"]


def test_the_line_that_takes_most_of_the_growth_swells():
    """A line that takes a tenth of what grows is not where it comes from."""
    suspect = make_finding("heap:in_use_bytes", per_connection=120.0)
    inserts, other = {**LINE, "bytes": 100 * 40}, {**LINE, "line": 5, "bytes": 12 * 40}
    assert find_swelling([inserts, other], suspect, connections=40) == [inserts]


def test_what_is_followed_line_by_line():
    """A container by its owner path, bytes of the process by the C heap, mappings by their metric, a class not."""
    suspects = [make_finding(name) for name in ("registry:app.SEEN", "heap:in_use_bytes", "map:file", "type:app.Lock")]
    owned = {"registry:app.SEEN": Metric(metric="registry:app.SEEN", owner="app:SEEN")}
    assert find_followed(suspects, owned) == {
        "registry:app.SEEN": "app:SEEN",
        "heap:in_use_bytes": "heap:in_use_bytes",
        "map:file": "map:file",
    }

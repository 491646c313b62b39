"""What the report tells the reader to do about a leak, by what is known of it."""

import pytest

from soakproof.culprits import Culprit, Site
from soakproof.samples import Metric
from soakproof.wording.advice import advise
from soakproof.wording.culprits import main_site
from soakproof.wording.remedies import say_remedy
from tests.synthetic_runs import make_run
from tests.unit.report.made_verdicts import make_finding, make_verdict

FILLS = Site(file="app.py", line=9, function="connect", role="fills")
RAISES = Site(file="app.py", line=31, function="disconnect", role="raises")
ALLOCATES = Site(file="app.py", line=5, function="make")


def advise_on(metric, *sites):
    finding = make_finding(metric, "leak", culprit={"owner": "app:SEEN"}, per_connection=1.0, last=500.0)
    finding.culprit = Culprit(owner="app:SEEN", sites=list(sites))
    return advise(make_run("leak"), make_verdict("leak", [finding]))


def test_the_line_that_raises_is_looked_at_first():
    """What raises comes before what fills, and that before what allocates, in whatever order they were found."""
    finding = make_finding("library:environ", "leak", culprit={"owner": "environ"})
    for sites, first in (([ALLOCATES, FILLS, RAISES], RAISES), ([ALLOCATES, FILLS], FILLS), ([], None)):
        finding.culprit = Culprit(owner="environ", sites=sites)
        assert main_site(finding) == first


@pytest.mark.parametrize(
    ("metric", "site", "said"),
    [
        (
            "library:environ",
            RAISES,
            "app.py:31 in disconnect raises, so what should have followed in the library did not",
        ),
        ("registry:app.SEEN", FILLS, "app.py:9 in connect fills it; remove the entry"),
        ("heap:in_use_bytes", ALLOCATES, "app.py:5 in make allocates most of what stays"),
        ("task:watch", ALLOCATES, "app.py:5 in make starts it; have it end, or cancel it"),
        ("thread:Thread-", ALLOCATES, "app.py:5 in make starts it; have it end"),
        ("fd:socket", ALLOCATES, "app.py:5 in make opens it; close it"),
        ("child:zombie", ALLOCATES, "app.py:5 in make starts it; wait for it"),
        ("buffer:app.LOG", FILLS, "app.py:9 in connect adds to it; bound it"),
        ("type:app.Visit", ALLOCATES, "app.py:5 in make allocates what stays; see what holds it"),
    ],
)
def test_the_advice_fits_what_the_line_does(metric, site, said):
    """A failing handler is to be mended, an entry to be removed, and what swells to be bounded."""
    assert advise_on(metric, site)[0].startswith(said)


def test_what_c_code_keeps_is_no_python_that_swells():
    """A line that calls C code which keeps what it takes is told as that."""
    finding = make_finding("heap:elsewhere_bytes", "leak")
    finding.culprit = Culprit(owner="", sites=[FILLS], memory="native")
    assert say_remedy(finding, None).startswith("app.py:9 in connect calls the C code that keeps it")


def test_a_thread_has_no_entries_to_remove():
    """Without a line, too, each kind is told what helps against it, and not what helps against another."""
    for metric, said in (
        ("thread:Thread-", "Find what starts thread Thread-: it should end when a client leaves"),
        ("task:watch", "Find what starts task watch: it should end, or be cancelled"),
        ("registry:app.SEEN", "Find where app:SEEN should lose its entries"),
    ):
        assert advise_on(metric)[0].startswith(said)


@pytest.mark.parametrize(("container_type", "said"), [("list", "bound it (a deque"), ("dict", "remove the entry")])
def test_a_history_wants_a_bound(container_type, said):
    """A list has no keys by which a client's entry could be removed; most such are histories."""
    metric = "registry:app.SEEN"
    finding = make_finding(metric, "leak", culprit={"owner": "app:SEEN"}, per_connection=1.0)
    finding.culprit = Culprit(owner="app:SEEN", sites=[FILLS])
    run = make_run("leak")
    run.metrics[metric] = Metric(metric=metric, container_type=container_type)
    assert said in advise(run, make_verdict("leak", [finding]))[0]


def test_a_cache_can_be_declared():
    """Of the application's own container it is said how to declare a bound; of a library's it is not."""
    assert '`[tool.soakproof.registries."app:SEEN"]` with `max_items = N`' in advise_on("registry:app.SEEN", FILLS)[1]
    assert len(advise_on("library:environ", RAISES)) == 1


def test_one_failing_handler_is_one_piece_of_advice():
    """Three registries that the same exception leaves unclean are mended in one place, which is said once."""
    findings = [
        make_finding(metric, "leak", culprit={"owner": metric}, per_connection=1.0)
        for metric in ("library:environ", "library:manager.rooms")
    ]
    for finding in findings:
        finding.culprit = Culprit(owner=finding.name, sites=[RAISES])
    assert len(advise(make_run("leak"), make_verdict("leak", findings))) == 1


def test_of_a_ring_that_still_fills_it_is_said_what_was_not_judged():
    """A bounded verdict with something left unjudged does not say that there is nothing to mend and no more."""
    ring = make_finding(
        "registry:app.RING",
        rule="its own maxlen",
        per_connection=1.0,
        ci=(0.9, 1.1),
        last=450.0,
        bound=1000.0,
        consequences=["type:app.Message"],
    )
    first, second = advise(make_run("bounded"), make_verdict("bounded", [ring]))
    assert first.startswith("app.RING is still filling (450 of 1,000 entries)")
    assert second.startswith("Nothing else to mend.")

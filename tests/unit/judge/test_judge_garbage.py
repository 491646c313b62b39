"""Where the collector is off, all that nobody collects is one leak."""

from soakproof.culprits import Culprit, Site
from soakproof.judge.codes import RelationKind
from soakproof.judge.garbage import gather
from soakproof.judge.verdict import Finding, Relation
from soakproof.wording import say_reason
from soakproof.wording.names import say_note
from tests.fed_series import make_finding

CYCLE = Culprit(
    owner="app.Session", retainers=["app.Session"], is_garbage=True, sites=[Site(file="a.py", line=3, function="f")]
)
SESSION = make_finding("type:app.Session", culprit=CYCLE)
COUNTER = make_finding("container:collections.Counter", culprit=Culprit(retainers=["Counter"], is_garbage=True))
UNKNOWN = make_finding("container:websockets.Headers._list")
OBJECTS = make_finding(
    "heap:objects",
    per_connection=90.0,
    is_deciding=False,
    relation=Relation(kind=RelationKind.CONSEQUENCE, metric="container:collections.Counter"),
)
REACHED = make_finding("registry:app.SEEN", culprit=Culprit(retainers=["module app", "SEEN: dict"]))


def deciding(findings: list[Finding]) -> list[str]:
    """Return the leaks that decide, in order."""
    return [each.metric for each in findings if each.verdict == "leak" and each.is_deciding]


def test_garbage_is_one_leak_that_says_why():
    """Cycles, and what was not looked at, are put under the live objects, with the application's classes named."""
    told = gather([COUNTER, UNKNOWN, SESSION, OBJECTS])
    assert deciding(told) == ["heap:objects"]
    assert told[0].consequences == sorted([COUNTER.metric, UNKNOWN.metric, SESSION.metric])
    assert told[0].relation is None
    culprit = told[0].culprit
    assert culprit
    assert "gc.disable" in say_note(culprit)
    assert [kept.name for kept in culprit.types] == ["app.Session"]
    assert [site.line for site in culprit.sites] == [3]
    assert all(say_reason(each).startswith("a consequence of heap:objects: ") for each in told[1:])


def test_what_something_leads_to_is_a_leak_of_its_own():
    """A registry that a module holds is no garbage, whatever the collector does; nor is one that nobody looked at."""
    unseen = make_finding("registry:app.OTHER")
    library = make_finding("library:environ")
    told = gather([REACHED, unseen, library, SESSION, OBJECTS])
    assert deciding(told) == ["heap:objects", REACHED.metric, unseen.metric, library.metric]


def test_without_garbage_or_without_growth_nothing_changes():
    """A target that collects, and one whose objects do not grow, are judged as ever."""
    for findings in ([REACHED, UNKNOWN, OBJECTS], [COUNTER, REACHED], []):
        assert gather(findings) == findings

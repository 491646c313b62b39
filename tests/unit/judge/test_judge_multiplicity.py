"""Many metrics, few leaks."""

from soakproof.judge.multiplicity import correct, find_doubtful
from soakproof.wording import say_reason
from tests.fed_series import make_finding


def test_one_borderline_type_among_a_thousand_is_doubted():
    """What one test in a hundred shows by chance proves nothing about one of a thousand types."""
    findings = [make_finding("type:a")] + [make_finding(f"type:b{at}", "bounded") for at in range(999)]
    corrected = correct(findings, [0.01] + [1.0] * 999)
    assert (corrected[0].verdict, corrected[0].rule) == ("inconclusive", "multiplicity")
    assert say_reason(corrected[0]).endswith("that one may look so by chance")


def test_clear_leak_among_a_thousand_stands():
    """A slope that is certain stays a leak, however many types there are."""
    findings = [make_finding("type:a")] + [make_finding(f"type:b{at}", "bounded") for at in range(999)]
    assert correct(findings, [1e-9] + [1.0] * 999)[0].verdict == "leak"


def test_registries_are_not_listed():
    """A registry is judged by itself, so its leak stands at any p-value."""
    findings = [make_finding("registry:a"), make_finding("type:a", "bounded")]
    assert correct(findings, [0.04, 1.0])[0].verdict == "leak"


def test_broken_bound_is_a_fact():
    """A container that held more than it may is no estimate."""
    assert correct([make_finding("container:a", rule="declared bound")], [1.0])[0].verdict == "leak"


def test_nothing_listed_is_nothing_doubted():
    """Without containers and types there is nothing to correct."""
    assert find_doubtful(["registry", "heap"], [0.5, 0.5]) == set()

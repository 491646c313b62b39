"""Every code has its explanation and its sentence; the numbers in it are said as everywhere else."""

import pytest

from soakproof.judge import codes
from soakproof.judge.codes import Doubt, RelationKind, Rule
from soakproof.judge.verdict import Relation
from soakproof.wording import say_reason
from soakproof.wording.findings import DOUBTS, RELATIONS, SENTENCES
from soakproof.wording.slope import say_slope_in_full
from tests.fed_series import make_finding

VALUES = {
    Rule.TOO_FEW: {"points": 4.0, "needed": 5.0},
    Rule.DECLARED_BOUND: {"held": 101.0},
    Rule.OWN_BOUND: {"held": 450.0},
    Rule.LIBRARY_CACHE: {"held": 409_600.0},
    Rule.RETAINED_FOR_GOOD: {"of": 7200.0, "at_most": 0.000417},
    Rule.LITTLES_LAW: {"held": 900.0, "ttl_s": 5.0, "rate": 60.0},
    Rule.DRAINED_AGAIN: {"left_once": 8.0, "of": 600.0, "at_most": 0.0042},
    Rule.LEFT_AGAIN: {"left_once": 3.0, "of": 600.0, "gained": 6.0},
    Rule.PLATEAU: {"slope": 0.0, "low": 0.0, "high": 0.00021, "points": 6.0},
    Rule.TIME_TO_LIVE: {"ttl_s": 60.0},
    Rule.NEVER_AGAIN: {"gained": 1200.0, "of": 7200.0, "dead": 100.0, "looked_at": 100.0},
    Rule.EMPTIES: {"at_most": 0.00123, "fresh": 3.0},
    Rule.OUTLASTS: {"left": 278.0, "of": 2915.0},
}
SLOPE = "+0.0012 [-0.0031, +0.0043] entries per connection"
SAID = {
    (Rule.TOO_FEW, "inconclusive"): "app:ROOMS: 4 settled rest points, need 5; run more waves (--waves 8)",
    (Rule.DECLARED_BOUND, "leak"): "held 101 entries, 350 are allowed",
    (Rule.OWN_BOUND, "bounded"): "at most 450 of 350 entries that its bound allows",
    (Rule.LIBRARY_CACHE, "bounded"): "400.0 KiB, which a library caches up to a bound of its own",
    (Rule.RETAINED_FOR_GOOD, "bounded"): "9 left of 7,200 connections: at most 0.00042 entries per connection",
    (Rule.LITTLES_LAW, "leak"): "held 900 in the steady phase, 5 s at 60/s allow 350, and did not drain",
    (Rule.SLOPE, "bounded"): f"{SLOPE}, inside ±0.005",
    (Rule.SLOPE, "leak"): f"keeps {SLOPE}: 2 entries at first, 9 at last",
    (Rule.FALLS, "bounded"): f"{SLOPE}: it falls",
    (Rule.LINGERING, "bounded"): "9 entries after the drain, about as low as it ever was",
    (
        Rule.DRAINED_AGAIN,
        "bounded",
    ): "the drain left 8 entries, and 9 after another 600 connections: at most 0.0042 entries per connection for good",
    (
        Rule.LEFT_AGAIN,
        "leak",
    ): "the drain left 3 entries, and 9 after another 600 connections: 6 of them left theirs for good",
    (Rule.PLATEAU, "bounded"): "full at 350 entries: 0 [0, +0.0002] entries per connection over the last 6 rest points",
    (Rule.TIME_TO_LIVE, "inconclusive"): "9 left, all younger perhaps than 60 s; drain for longer than that",
    (
        Rule.NEVER_AGAIN,
        "leak",
    ): "1,200 tasks more after 7,200 connections, which will never run again: nothing but themselves can reach what "
    "they wait for",
    (Rule.EMPTIES, "bounded"): "9 entries left, as many as those bring who came meanwhile (3): at most 0.0012 entries "
    "per connection for good",
    (Rule.OUTLASTS, "leak"): "emptied for the most part, but 278 of 2,915 connections left theirs for good",
    (Rule.UNDECIDED, "inconclusive"): f"{SLOPE}: neither inside ±0.005 nor above it",
    (Rule.NATIVE, "leak"): f"gains {SLOPE} while objects and blocks are flat: objects that swell, or native memory",
    (
        Rule.HIGH_WATER,
        "inconclusive",
    ): f"high-water, not a leak: peak 600 B, last 9 B, while objects and blocks are flat ({SLOPE})",
}


def make(rule, verdict, **fields):
    usual = {"first": 2.0, "last": 9.0, "peak": 600.0, "bound": 350.0, "ci": (-0.0031, 0.0043)}
    values = VALUES.get(rule, {})
    return make_finding("registry:app:ROOMS", verdict, 0.0012, rule=rule, **(usual | {"values": values} | fields))


@pytest.mark.parametrize(("rule", "verdict"), SAID)
def test_a_rule_has_its_sentence(rule, verdict):
    """Each rule says why, with its own numbers and the finding's."""
    assert say_reason(make(rule, verdict)) == SAID[rule, verdict]


def test_no_code_is_without_explanation_and_sentence():
    """Whoever adds a code adds both."""
    assert set(codes.EXPLANATIONS) == set(Rule) == set(SENTENCES)
    assert set(DOUBTS) == set(Doubt)
    assert set(RELATIONS) == set(RelationKind)
    assert {rule for rule, _ in SAID} == set(Rule) - {
        Rule.MULTIPLICITY,
        Rule.KEPT_IN_BOUNDED,
        Rule.HELD_BY_TIMER,
        Rule.NOT_DRAINED,
        Rule.LEAP_BROKE,
    }


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"values": {"still_at": 9.0}}, f"9 entries at every rest point: {SLOPE}, inside ±0.005"),
        ({"values": {"asked_margin": 0.001}}, f"{SLOPE}, inside ±0.005, all that waves of this size resolve"),
        ({"unit": "bytes", "values": {"high_water": 600.0}}, "; high-water, not a leak: peak 600 B, last 9 B, while"),
    ],
)
def test_a_flat_slope_has_remarks(fields, said):
    """What stood still, what waves resolve, and memory near its peak are told."""
    assert said in say_reason(make(Rule.SLOPE, "bounded", **fields))


@pytest.mark.parametrize(
    ("doubt", "values", "said"),
    [
        (Doubt.OBSERVATION, {}, ", which being observed may explain; use more clients per wave (--clients)"),
        (Doubt.EBBS, {"tail_slope": 0.0004}, ", but growth ebbs: +0.00040 in the later half"),
        (
            Doubt.AT_THE_MARGIN,
            {"gain_per_wave": 1.0},
            "nor above it; it gains 1 with each wave, and other --clients",
        ),
        (Doubt.FOLLOWS_COUNTS, {"tail_slope": 1.0}, ", +1.00 in the later half: bytes follow the counts, which grow"),
        (Doubt.THREAD_CACHES, {"tail_slope": 1.0, "threads": 100.0}, "no more than malloc may cache for 100 threads"),
        (Doubt.NOT_IN_USE, {"tail_slope": 1.0}, "while nothing that is in use grows: the allocator holds it free"),
        (Doubt.COUNTS_DECIDE, {"tail_slope": 1.0}, "bytes stay undecided, the counts decide"),
        (Doubt.EMPTYING, {"at_most": 0.0155}, "at most 0.015 entries per connection for good"),
        (Doubt.SWINGS, {"lowest": 41.0, "highest": 200.0}, "swings between 41 and 200 inside an object of C, and its"),
    ],
)
def test_a_doubt_has_its_sentence(doubt, values, said):
    """What leaves a finding open is said after its slope."""
    reason = say_reason(make(Rule.UNDECIDED, "inconclusive", doubt=doubt, values=values))
    assert reason.startswith(SLOPE)
    assert said in reason


def test_what_drained_says_from_where_and_how_late():
    """A tail that went by itself has its height and its stay."""
    finding = make(Rule.LINGERING, "bounded", values={"fell_from": 600.0}, lingers_s=25.13)
    assert say_reason(finding) == "fell from 600 entries to 9 by itself in the drain, 25.1 s after the last connection"


def test_nothing_left_is_said_with_its_confidence():
    """Of none left, the rule of three holds at 95 %; held clients are counted by events."""
    finding = make(Rule.RETAINED_FOR_GOOD, "bounded", last=0.0, per="event")
    assert say_reason(finding) == "0 left of 7,200 events: at most 0.00042 entries per event at 95%"


def test_an_overruled_leak_is_said_as_the_leak_it_looked_like():
    """Multiplicity and a filling container take a leak back, and its sentence stays."""
    leak = say_reason(make(Rule.SLOPE, "leak"))
    by_chance = make(Rule.MULTIPLICITY, "inconclusive", overruled=Rule.SLOPE)
    assert (
        say_reason(by_chance) == f"{leak}; but so many containers and types are tested that one may look so by chance"
    )
    relation = Relation(kind=RelationKind.KEPT_IN, metric="registry:app:RING")
    kept = make(Rule.KEPT_IN_BOUNDED, "bounded", overruled=Rule.SLOPE, relation=relation)
    assert say_reason(kept) == f"kept in app:RING, which is bounded: {leak}"


def test_a_consequence_is_said_before_its_own_reason():
    """The cause comes first, by the name that sentences give it."""
    relation = Relation(kind=RelationKind.CONSEQUENCE, metric="process:uss")
    finding = make(Rule.SLOPE, "leak", relation=relation)
    assert say_reason(finding).startswith("a consequence of process:uss: keeps +0.0012 [")


@pytest.mark.parametrize("unit", ["entries", "bytes"])
def test_a_sentence_and_a_table_say_the_same_number_in_the_same_form(unit):
    """Slope and interval stand in the reason exactly as the tables have them."""
    finding = make(Rule.SLOPE, "leak", unit=unit, ci=(0.9387, 1.06))
    finding.per_connection = 1.0
    assert say_slope_in_full(finding) in say_reason(finding)

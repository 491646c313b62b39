"""Every rule has its red and its green."""

import numpy as np
import pytest

from soakproof.judge.judge import find
from soakproof.judge.readings import Readings
from soakproof.judge.rules import drained, rule_on
from soakproof.wording import say_reason
from tests.fed_series import feed_case

FLAT = [0.0] * 11
LEAK = [6.0 * at for at in range(11)]
MIXED = [0, 9, 3, 12, 30, 14, 60, 22, 44, 20, 75]


def rule(metric, values, **options):
    ruling = find(feed_case(metric, values, **options))
    return ruling.verdict, ruling.rule


def test_four_points_are_too_few():
    """Four points decide nothing, and the sentence says what to do."""
    ruling = find(feed_case("registry:app:document_locks", [0, 0, 0, 0]))
    assert (ruling.verdict, ruling.is_deciding) == ("inconclusive", True)
    assert say_reason(ruling) == "app:document_locks: 4 settled rest points, need 5; run more waves (--waves 8)"


def test_four_points_of_bytes_hold_nothing_back():
    """Too few points of bytes are told and do not decide."""
    assert not rule_on(feed_case("process:uss", [0, 0, 0, 0])).is_deciding


def test_declared_bound_acquits_what_fills_within_it():
    """A registry that grows is bounded while its peak is within what was declared."""
    options = {"bound": {"max_items": 100}, "peak": 60.0}
    assert rule("registry:a", LEAK, **options) == ("bounded", "declared bound")


def test_declared_bound_convicts_what_exceeds_it():
    """One entry above the declared bound is a leak, with both numbers in the reason."""
    ruling = find(feed_case("registry:a", FLAT, bound={"max_items": 100}, peak=101.0))
    assert (ruling.verdict, ruling.bound) == ("leak", 100)
    assert "held 101 entries, 100 are allowed" in say_reason(ruling)


def test_observed_bound_is_its_own():
    """A deque with a maxlen is bounded by itself."""
    assert rule("container:a", LEAK, bound={"max_items": 100, "source": "observed"}) == ("bounded", "its own maxlen")


def test_what_exceeds_an_observed_bound_is_several_containers():
    """More than one deque's maxlen is in many deques under one owner: judged by their slope, flat or not."""
    bound = {"max_items": 16, "source": "observed"}
    assert rule("registry:a", [72.0] * 11, bound=bound, peak=72.0)[0] == "bounded"
    assert rule("registry:a", LEAK, bound=bound, peak=72.0) == ("leak", "slope")


def test_empty_registry_is_proven():
    """Nothing left of 7,200 connections is at most 3/N."""
    ruling = find(feed_case("registry:a", FLAT))
    assert (ruling.verdict, ruling.rule) == ("bounded", "retained for good")
    assert say_reason(ruling) == "0 left of 7,200 connections: at most 0.00042 entries per connection at 95%"


def test_sawtooth_is_proven_by_its_lowest():
    """A registry swept every third wave has leaked no more than it held after a sweep, whatever its slope."""
    assert rule("registry:a", [200, 400, 4] * 4, drained=4.0) == ("bounded", "retained for good")


def test_sawtooth_over_a_leak_is_not():
    """A sweep that leaves ever more behind is not acquitted by it."""
    values = [200.0 * (at % 3) + 60 * at for at in range(12)]
    assert rule("registry:a", values, drained=660.0)[0] != "bounded"


def test_few_left_after_comings_and_goings():
    """Three left of thousands are told as such."""
    ruling = find(feed_case("registry:a", [9, 1, 7, 2, 8, 1, 9, 2, 7, 3], drained=3.0))
    assert ruling.verdict == "bounded"
    assert say_reason(ruling).startswith("3 left of 6,600 connections: at most")


def test_lingering_registry_has_its_stay():
    """What grew wave by wave and is empty after the drain is bounded, with the stay measured and Little's bound."""
    readings = Readings(rate=100.0, lingered_s=25.1)
    ruling = find(feed_case("task:ping", [600.0 * at for at in range(2, 13)], drained=0.0, readings=readings))
    assert (ruling.verdict, ruling.lingers_s) == ("bounded", 25.1)
    assert say_reason(ruling).endswith("at 95%, 25.1 s after the last connection")
    assert ruling.bound == pytest.approx(2510 + 3.09 * 2510**0.5)


def test_objects_that_drain_linger():
    """Objects pinned by what lingers come back to their level in the drain: bounded."""
    values = [50_000 + 600.0 * at for at in range(2, 13)]
    readings = Readings(lingered_s=25.1)
    assert rule("heap:objects", values, drained=50_010.0, readings=readings) == ("bounded", "lingering")


def test_objects_that_stay_do_not_linger():
    """Objects that the drain leaves where they are have leaked."""
    values = [50_000 + 600.0 * at for at in range(2, 13)]
    assert rule("heap:objects", values, drained=values[-1]) == ("leak", "slope")


def test_above_littles_law_is_a_leak():
    """A registry that holds more than its time-to-live allows, and does not drain, does not keep its word."""
    readings = Readings(steady=np.full(80, 900.0), rate=100.0, young=0.0)
    options = {"bound": {"ttl_s": 3.0}, "readings": readings, "peak": 900.0}
    assert rule("registry:a", MIXED, **options, drained=800.0) == ("leak", "above Little's law")


def test_above_littles_law_and_drained_is_none():
    """One that holds more but is empty after the drain gains more than one entry a connection, and leaks none."""
    readings = Readings(steady=np.full(80, 900.0), rate=100.0, young=0.0)
    options = {"bound": {"ttl_s": 3.0}, "readings": readings, "peak": 900.0}
    assert rule("registry:a", MIXED, **options, drained=0.0)[0] == "bounded"


def test_one_high_tick_is_no_breach():
    """Chance puts a tick in a thousand above Little's bound."""
    readings = Readings(steady=np.array([100.0] * 199 + [900.0]), rate=100.0, young=0.0)
    assert rule("registry:a", LEAK, bound={"ttl_s": 3.0}, readings=readings)[1] != "above Little's law"


def test_young_entries_are_not_convicted():
    """What came within the declared time-to-live may still go: undecided, drain for longer."""
    readings = Readings(steady=np.full(9, 1.0), rate=100.0, young=6600.0)
    options = {"bound": {"ttl_s": 3600.0}, "readings": readings}
    assert rule("registry:a", [600.0 * at for at in range(11)], **options) == ("inconclusive", "time-to-live")


def test_overdue_entries_are_convicted():
    """More than came within the time-to-live are overdue."""
    readings = Readings(steady=np.full(9, 1.0), rate=100.0, young=100.0)
    options = {"bound": {"ttl_s": 3.0}, "readings": readings}
    assert rule("registry:a", [600.0 * at for at in range(11)], **options) == ("leak", "slope")


def test_flat_inside_the_margin_is_bounded():
    """A constant registry of 200 is proven by its slope, and said to be still."""
    ruling = find(feed_case("container:a", [200.0] * 11))
    assert (ruling.verdict, ruling.rule) == ("bounded", "slope")
    assert say_reason(ruling).startswith("200 entries at every rest point: 0 [0, +0.0005")


def test_moving_inside_the_margin_is_bounded():
    """Noise without trend is inside the margin."""
    values = 500 + np.random.default_rng(1).normal(0, 2, 21).round()
    assert rule("container:a", values) == ("bounded", "slope")


def test_falling_is_bounded():
    """A registry that shrinks faster than the margin does not grow."""
    assert rule("container:a", [9000 - 60.0 * at for at in range(11)]) == ("bounded", "falls")


def test_full_cache_is_bounded():
    """A cache that filled up within the waves is bounded at its size."""
    ruling = find(feed_case("container:a", [800, 1280, 1760, 2000, 2000] + [2000.0] * 7))
    assert (ruling.verdict, ruling.rule, ruling.bound) == ("bounded", "plateau", 2000.0)
    assert say_reason(ruling).startswith("full at 2,000 entries")


def test_filling_cache_is_not_convicted():
    """A set of names that still fills, ever more slowly, is left open."""
    names = [1000 * (1 - np.exp(-0.5 * at)) for at in range(2, 12)]
    ruling = find(feed_case("container:a", names))
    assert (ruling.verdict, ruling.rule) == ("inconclusive", "undecided")
    assert "growth ebbs" in say_reason(ruling)


def test_leak_is_convicted():
    """One entry in a hundred connections, every time."""
    ruling = find(feed_case("registry:a", LEAK))
    assert (ruling.verdict, ruling.rule) == ("leak", "slope")
    assert say_reason(ruling).startswith("keeps +0.0100 [")


def test_stray_blocks_between_small_waves_convict_nobody():
    """Blocks that rise by 26 a rest point are less than waves of 100 resolve, and that is said; 260 are a leak."""
    ruling = find(feed_case("heap:blocks", [26.0 * at for at in range(11)], clients=100))
    assert (ruling.verdict, ruling.rule) == ("bounded", "slope")
    assert say_reason(ruling).endswith("inside ±0.3, all that waves of this size resolve")
    assert rule("heap:blocks", [260.0 * at for at in range(11)], clients=100) == ("leak", "slope")


def test_stray_blocks_with_noise_are_open():
    """What lies across all that small waves resolve is open, with the advice to take more clients."""
    ruling = find(feed_case("heap:blocks", [29.0 * at + (-1) ** at * 12 for at in range(11)], clients=100))
    assert (ruling.verdict, ruling.rule) == ("inconclusive", "undecided")
    assert say_reason(ruling).endswith("which being observed may explain; use more clients per wave (--clients)")


def test_short_leak_is_convicted():
    """Six points are enough for a leak of one per connection."""
    assert rule("registry:a", [600.0 * at for at in range(6)]) == ("leak", "slope")


def test_noise_about_the_margin_is_open():
    """Neither proven nor refuted."""
    ruling = find(feed_case("registry:a", MIXED))
    assert (ruling.verdict, ruling.rule) == ("inconclusive", "undecided")
    assert "neither inside ±0.005 nor above it" in say_reason(ruling)


def test_short_open_series_has_no_plateau():
    """Six points in disorder are open."""
    assert rule("registry:a", [100, 190, 110, 180, 120, 200]) == ("inconclusive", "undecided")


def test_events_are_named_when_held():
    """In held waves the sentence counts events."""
    from dataclasses import replace

    held = replace(feed_case("registry:a", FLAT), is_held=True)
    assert say_reason(find(held)) == "0 left of 7,200 events: at most 0.00042 entries per event at 95%"


def test_half_the_margin_is_never_a_leak():
    """A server at half the margin is bounded or open, at every seed."""
    rng = np.random.default_rng(5)
    verdicts = {rule("registry:a", np.cumsum(rng.poisson(1.5, 11)))[0] for _ in range(100)}
    assert "leak" not in verdicts


def test_what_grows_by_the_wave_is_told_from_what_grows_by_the_client():
    """One entry a wave is what 200 clients would be at the margin: it is said that the number of clients decides."""
    ruling = find(feed_case("registry:a", range(12), clients=200))
    assert ruling.rule == "undecided"
    assert "it gains 1 with each wave, and other --clients tell" in say_reason(ruling)
    assert "with each wave" not in say_reason(find(feed_case("registry:a", [0, 2, 2, 3, 4, 6, 7, 7], clients=200)))


SWEPT = [1924, 2124, 1924, 2124, 2124, 1924, 2124, 2124, 2324, 2124, 2324, 1965, 2165, 1924, 2124, 2124, 2324, 2124]


@pytest.mark.parametrize("drained", [1927.0, 2124.0])
def test_what_goes_up_and_down_is_acquitted_when_the_drain_finds_it_at_its_lowest(drained):
    """Lists of sessions that a timer sweeps: their noise hides any slope, and what the drain leaves shows it."""
    ruling = find(feed_case("type:list", [*SWEPT, 1924, 2124], clients=200, drained=drained))
    assert (ruling.verdict, ruling.rule) == (
        ("bounded", "lingering") if drained < 2000 else ("inconclusive", "undecided")
    )


def test_a_drain_that_ends_as_low_as_ever_says_so():
    """What is at its lowest after the drain has nothing to fall from, and is acquitted for that."""
    ruling = drained(feed_case("registry:a", [900, 100, 700, 200, 800, 100, 900, 200, 700, 3], drained=3.0))
    assert ruling is not None
    assert (ruling.rule, ruling.values.keys()) == ("lingering", {"at_most"})


STAYING = [133.0, 266, 399, 532, 665, 798, 931, 1064]  # each stays for longer than all the waves take


@pytest.mark.parametrize(
    ("left", "before", "verdict"),
    [
        (0.0, None, "bounded"),
        (12.0, None, "inconclusive"),  # they may have come in the drain themselves
        (266.0, None, "inconclusive"),
        (266.0, 700.0, "inconclusive"),  # it empties still
        (266.0, 278.0, "inconclusive"),  # at rest: a pool may keep so many, and only another load tells
        (1064.0, None, "leak"),
    ],
)
def test_a_slope_that_the_drain_disproves_convicts_nobody(left, before, verdict):
    """What the drain took for the most part is open, emptying still or at rest; what it took nothing of is a leak."""
    ruling = find(feed_case("registry:a", STAYING, clients=133, drained=left, drained_before=before, x_end=1221.0))
    assert ruling.verdict == verdict
    if verdict == "inconclusive":
        assert ruling.doubt == "emptying"
        assert ruling.waves_to_decide == 0
        assert "the drain took much of it" in say_reason(ruling)


def test_of_held_clients_a_second_look_is_all_there_is():
    """No other load comes for them: what two looks find as much of is a leak."""
    options = {"clients": 133, "drained": 266.0, "drained_before": 278.0, "x_end": 1221.0}
    assert find(feed_case("registry:a", STAYING, **options, is_held=True)).verdict == "leak"


@pytest.mark.parametrize(
    ("left", "verdict"),
    [
        (379_000.0, "inconclusive"),  # of some 300,000 that came since the load began
        (575_000.0, "leak"),
    ],
)
@pytest.mark.parametrize("metric", ["heap:blocks", "type:list"])
def test_a_total_that_the_drain_disproves_convicts_nobody(metric, left, verdict):
    """What stood there before anybody came is nobody's growth: a server whose pages stay for a minute was a leak."""
    blocks = [375_000 + 320.0 * 100 * wave for wave in range(2, 10)]
    ruling = find(feed_case(metric, blocks, clients=100, drained=left, x_end=918.0, unloaded=375_000.0))
    assert ruling.verdict == verdict
    if verdict == "inconclusive":
        assert ruling.doubt == "emptying"
        assert ruling.values["at_most"] < 10


def test_what_was_given_up_at_the_start_hides_no_leak_of_a_total():
    """A server that let go of more in its first wave than it has leaked since is not below where it began for good."""
    blocks = [374_000 + 0.5 * 100 * wave for wave in range(2, 10)]
    assert find(feed_case("heap:blocks", blocks, drained=blocks[-1], clients=100, unloaded=375_000.0)).verdict == "leak"


def test_what_may_fall_but_surely_does_not_rise_is_bounded():
    """A total that is high at one rest point in four, by what waits for the collector then, and rises at none."""
    swinging = [9_000.0, 9_000, 9_200, 9_000, 8_990, 9_200, 8_990, 8_985, 8_985, 9_180, 8_980]
    found = find(feed_case("blocks:64", swinging, margin=0.05, clients=60))
    assert found.ci[0] < -0.05 < found.per_connection
    assert (found.verdict, found.rule) == ("bounded", "slope")
    assert "surely not above" in say_reason(found)


LINGERING = [10_900.0, 12_400, 13_900, 15_400, 16_900, 17_400, 18_400]  # kept for half a minute, the last of them
LINGERED = {"unloaded": 9_424.0, "drained": 9_563.0, "clients": 200, "x_end": 2_600}


@pytest.mark.parametrize(
    ("left_once", "verdict"), [(9_548, "bounded"), (9_460, "inconclusive"), (9_680, "inconclusive")]
)
def test_two_drains_that_leave_as_much_prove_a_total_that_lingers(left_once, verdict):
    """139 blocks over the level before anybody came are what the first clients cost; 15 more are all the load left.

    What grew from one drain to the next proves nothing, nor what fell: then it was not at rest the first time.
    """
    found = find(feed_case("blocks:96", LINGERING, **LINGERED, drained_once=(1_600, left_once), margin=0.05))
    assert found.verdict == verdict
    if verdict == "bounded":
        assert found.rule == "drained again"
        assert "the drain left 9,548 blocks, and 9,563 after another 1,000 connections: " in say_reason(found)


def test_one_drain_alone_leaves_it_open():
    """The same without the second load: some of what is left may be of those who came."""
    assert find(feed_case("blocks:96", LINGERING, **LINGERED, margin=0.05)).verdict == "inconclusive"


def test_what_one_drain_has_disproved_a_later_one_does_not_prove():
    """The second was too short for what the load had left again: open, and no leak."""
    options = LINGERED | {"drained": 17_900.0, "margin": 0.05}
    assert find(feed_case("blocks:96", LINGERING, **options)).verdict == "leak"
    found = find(feed_case("blocks:96", LINGERING, **options, drained_once=(1_600, 9_548.0)))
    assert (found.verdict, found.doubt) == ("inconclusive", "emptying")


# Each client's entry stays for 28 s, one in five for good: after 1,185 connections the drain leaves 211 of them.
SATURATED = [260.0, 390, 520, 650, 675, 698, 828, 846]


@pytest.mark.parametrize(("left", "verdict"), [(211.0, "inconclusive"), (0.0, "bounded"), (1.0, "bounded")])
def test_what_lingers_hides_no_leak_of_what_lingers(left, verdict):
    """A line through the rest points begins at 210, which is what lingers; before the load there was nothing.

    A pool that keeps 211 leaves as many: it is the drain of another load that tells.
    """
    options = {"unloaded": 0.0, "drained": left, "clients": 130, "x_end": 1_185}
    assert find(feed_case("registry:app:SESSIONS", SATURATED, **options)).verdict == verdict
    for again, told in ((422.0, "leak"), (211.0, "bounded")):
        options |= {"drained": again, "x_end": 2_370}
        twice = feed_case("registry:app:SESSIONS", SATURATED, **options, drained_once=(1_185, 211.0))
        assert find(twice).verdict == told


@pytest.mark.parametrize(("left", "verdict"), [(355.0, "inconclusive"), (600.0, "leak")])
def test_what_is_emptying_is_no_leak_yet(left, verdict):
    """Each client's entry stays for 25 s: fifteen after the last wave half of them are there, and none for good."""
    staying = [160.0, 320, 328, 488, 496, 656]
    options = {"unloaded": 0.0, "drained": left, "clients": 160, "x_end": 963}
    assert find(feed_case("registry:app:SESSIONS", staying, **options)).verdict == verdict


def test_as_few_at_the_lowest_rest_hide_none_either():
    """Of 230 that linger at each rest point, and 19 in 100 for good, the line begins at 230: two drains tell."""
    steady = [230 + 0.19 * connections for connections in range(260, 1_171, 130)]
    options = {"unloaded": 0.0, "drained": 225.0, "clients": 130, "x_end": 1_185}
    assert find(feed_case("registry:app:SESSIONS", steady, **options)).doubt == "emptying"
    options |= {"drained": 450.0, "x_end": 2_370}
    assert find(feed_case("registry:app:SESSIONS", steady, **options, drained_once=(1_185, 225.0))).verdict == "leak"


@pytest.mark.parametrize(("left", "verdict"), [(50.0, "bounded"), (65.0, "inconclusive"), (90.0, "leak")])
def test_two_drains_tell_what_the_first_clients_made_for_good(left, verdict):
    """Fifty entries that are made once are left by both drains; what grew as much as before is a leak."""
    filled = [each + 50 for each in SATURATED]
    options = {"unloaded": 0.0, "drained": left, "clients": 130, "x_end": 2_185, "drained_once": (1_185, 50.0)}
    assert find(feed_case("registry:app:SESSIONS", filled, **options)).verdict == verdict


def test_a_leaks_rate_is_what_it_leaves_and_not_what_lingers():
    """Of 280 clients all have a session for half a minute, and four in five for good: 224 are left."""
    held = [80, 120, 160, 200, 240, 280]
    options = {"unloaded": 0.0, "clients": 40, "x_end": 280}
    found = find(feed_case("registry:a", held, drained=224.0, **options))
    assert (found.verdict, found.rule) == ("leak", "slope")
    assert found.per_connection == pytest.approx(0.8)
    assert found.ci[0] < 0.8 < found.ci[1] < 0.95
    stays = find(feed_case("registry:a", held, drained=280.0, **options))
    assert stays.per_connection == pytest.approx(1.0, abs=0.1)

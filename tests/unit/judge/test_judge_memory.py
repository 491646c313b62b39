"""Bytes: they drift on every healthy server, so little is said of them, and strictly."""

import numpy as np

from soakproof.judge.judge import find
from soakproof.wording import say_reason
from tests.fed_series import feed_case

MIB = 2.0**20
NOISE = np.random.default_rng(1).normal(0, 20_000, 12).round()
FLAT = 60 * MIB + NOISE
NATIVE = FLAT + 1024.0 * 600 * np.arange(12)
DRIFT = FLAT + 128.0 * 600 * np.arange(12)


def rule(metric, values, **options):
    ruling = find(feed_case(metric, values, **options))
    return ruling.verdict, ruling.rule


def test_flat_bytes_are_bounded():
    """Bytes without trend are inside the margin, and decide nothing."""
    ruling = find(feed_case("heap:in_use_bytes", FLAT[:1].repeat(12)))
    assert (ruling.verdict, ruling.rule, ruling.is_deciding) == ("bounded", "slope", False)


def test_flat_process_near_its_peak_is_named_high_water():
    """A process that keeps its peak while the counts are flat is said to keep it."""
    assert "high-water, not a leak: peak 61.0 MiB" in say_reason(find(feed_case("process:rss", FLAT, peak=61 * MIB)))
    assert "high-water" not in say_reason(find(feed_case("process:rss", FLAT, peak=90 * MIB)))


def test_steady_rise_with_flat_counts_is_native():
    """A kilobyte per connection that no count shows is native memory, and convicts."""
    ruling = find(feed_case("process:uss", NATIVE))
    assert (ruling.verdict, ruling.rule, ruling.is_deciding) == ("leak", "native", True)
    assert say_reason(ruling).endswith("while objects and blocks are flat: native memory")


def test_memory_that_nobody_uses_does_not_convict():
    """USS that rises while the C heap in use stands still is the allocator's, or stacks of threads."""
    ruling = find(feed_case("process:uss", NATIVE, in_use=40.0, peak=200 * MIB))
    assert (ruling.verdict, ruling.is_deciding) == ("inconclusive", False)
    assert "while nothing that is in use grows: the allocator holds it free" in say_reason(ruling)
    assert rule("process:uss", NATIVE, in_use=900.0) == ("leak", "native")
    assert rule("process:uss", NATIVE, in_use=None) == ("leak", "native")


def test_swelling_objects_convict_the_heap():
    """Heap bytes that rise with flat counts are objects that swell."""
    ruling = find(feed_case("heap:in_use_bytes", NATIVE))
    assert ruling.verdict == "leak"
    assert "objects that swell" in say_reason(ruling)


def test_rss_never_convicts():
    """RSS keeps the peaks of the allocator: alone it proves nothing."""
    assert rule("process:rss", NATIVE, peak=200 * MIB) == ("inconclusive", "undecided")


def test_bytes_that_follow_counts_do_not_convict():
    """Where counts grow, the bytes are theirs."""
    ruling = find(feed_case("process:uss", NATIVE, is_flat=False))
    assert (ruling.verdict, ruling.is_deciding) == ("inconclusive", False)
    assert "bytes follow the counts" in say_reason(ruling)


def test_healthy_drift_does_not_convict():
    """Twice the drift of healthy servers is below what strictness asks."""
    assert rule("process:uss", DRIFT, peak=200 * MIB) == ("inconclusive", "undecided")


def test_few_points_do_not_convict():
    """Seven points are too few for bytes."""
    assert rule("process:uss", NATIVE[:7], peak=200 * MIB) == ("inconclusive", "undecided")


def test_early_rise_does_not_convict():
    """Bytes that rose early and are flat in the later half were paid once."""
    early = 60 * MIB + NOISE + 3 * MIB * np.minimum(np.arange(12), 5)
    assert rule("process:uss", early, peak=200 * MIB)[0] != "leak"


def test_process_near_its_peak_is_high_water():
    """A process that drifts and stays near its peak is high-water, open and not deciding."""
    ruling = find(feed_case("process:rss", DRIFT))
    assert (ruling.verdict, ruling.rule, ruling.is_deciding) == ("inconclusive", "high-water", False)


def test_caches_of_many_threads_do_not_convict():
    """What malloc may keep for a hundred threads is no leak; five threads explain nothing of it."""
    swelling = FLAT + 400.0 * 600 * np.arange(12)
    assert rule("heap:in_use_bytes", swelling, threads=5) == ("leak", "native")
    ruling = find(feed_case("heap:in_use_bytes", swelling, threads=100))
    assert (ruling.verdict, ruling.is_deciding) == ("inconclusive", False)
    assert "no more than malloc may cache for 100 threads" in say_reason(ruling)

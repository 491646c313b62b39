"""What the generator measures and counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakproof.errors import LoadError
from soakproof.load.processes.limits import check_fds
from soakproof.load.processes.usage import cpu_s, rss_bytes
from soakproof.load.users.counts import ERROR_KINDS, Counts
from soakproof.load.users.histogram import MOST_BUCKETS, Histogram


@given(st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_percentiles_are_right_within_a_percent(durations, share):
    """A quantile of the histogram is the true one, 1% off at most."""
    histogram = Histogram()
    for duration in durations:
        histogram.add(duration)
    exact = sorted(durations)[max(0, -int(-share * len(durations) // 1) - 1)]
    assert histogram.quantile(share) == pytest.approx(exact, rel=0.011)
    assert histogram.summary()["max"] == pytest.approx(max(durations), abs=1e-6)


def test_histograms_add_up_and_stay_small():
    """Merged ones count together; a hundred thousand durations take a few thousand buckets."""
    one, other = Histogram(), Histogram()
    for number in range(100_000):
        one.add(number / 1000)
    other.add(500.0)
    one.merge(other)
    assert one.buckets.total() == 100_001
    assert len(one.buckets) < 2000
    assert one.summary()["max"] == 500.0
    assert Histogram().summary() == {}
    assert Histogram().quantile(0.5) == 0.0


def test_every_connection_is_entered_and_struck_out():
    """Opened, open, peak, dropped and lost agree."""
    counts = Counts()
    for _ in range(3):
        counts.count_open(0.01)
    counts.count_drop("close")
    counts.count_lost("closed by the server")
    counts.count_open(0.01)
    assert (counts.opened, counts.open, counts.peak, counts.failures) == (4, 2, 3, 1)
    assert (counts.dropped, counts.errors) == ({"close": 1}, {"connection lost: closed by the server": 1})
    assert counts.rate() > 0


def test_kinds_of_errors_are_bounded():
    """A thousand different messages are counted, most of them together."""
    counts = Counts()
    for number in range(1000):
        counts.count_failure(f"error {number}")
    assert (counts.failures, counts.errors.total(), len(counts.errors)) == (1000, 1000, ERROR_KINDS + 1)


def test_too_few_files_are_refused_with_the_command_to_raise_them():
    """Before any client is opened."""
    check_fds(100, 1000)
    with pytest.raises(LoadError, match="5000 sockets at once: `ulimit -Hn` allows 1024 open files, need 5100"):
        check_fds(5000, 1024)


def test_the_generator_knows_what_it_uses():
    """CPU goes up with work; resident memory is that of a Python process."""
    before = cpu_s()
    sum(range(10**6))
    assert cpu_s() > before
    assert 5e6 < rss_bytes() < 5e9


def test_a_histogram_has_no_more_buckets_than_it_says():
    """Durations from none to a day, half a per cent apart."""
    histogram = Histogram()
    seconds = 1e-7
    while seconds < 86_400:
        histogram.add(seconds)
        seconds *= 1.005
    assert MOST_BUCKETS - 2 <= len(histogram.buckets) <= MOST_BUCKETS + 1

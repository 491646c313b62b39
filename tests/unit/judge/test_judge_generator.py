"""Whether the generator was the limit: told from what it metered of itself."""

from __future__ import annotations

from soakproof.judge.generator import cpu_share, find_limits
from soakproof.samples import Wave
from soakproof.wording import say_warning


def wave(**changes):
    return Wave(
        **{
            "index": 3,
            "phase": "wave",
            "t_start_s": 10.0,
            "t_end_s": 12.0,
            "intended": 500,
            "opened": 500,
            "dropped": {"close": 500},
            "peak_clients": 500,
            "rate_intended": 500.0,
            "rate_achieved": 480.0,
            **changes,
        }
    )


def test_a_generator_with_time_to_spare_is_not_mentioned():
    """Half of a core, and a few milliseconds late: the target set the pace."""
    assert list(find_limits([wave(cpu_s=1.0, late_s=0.004)])) == []


def test_a_generator_that_used_its_core_up_was_the_limit():
    """The share is per process: two workers may use two cores. A burst of milliseconds says nothing."""
    (sentence,) = map(say_warning, find_limits([wave(cpu_s=1.9), wave(cpu_s=0.5)]))
    assert "used 95% of a core in 1 of 2 waves" in sentence
    assert "Add --workers 2" in sentence
    assert list(find_limits([wave(cpu_s=1.9, generator_processes=2)])) == []
    assert cpu_share(wave(cpu_s=0.1, t_end_s=10.05)) == 0.0


def test_a_generator_behind_its_schedule_was_the_limit():
    """Clients that start late arrive at another rate than was asked for."""
    (sentence,) = map(say_warning, find_limits([wave(late_s=1.25)]))
    assert "up to 1.2 s late (99th percentile) in 1 of 1 waves" in sentence

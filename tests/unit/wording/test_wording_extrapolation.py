"""What a leak comes to, in sentences that every report carries."""

from typing import Any

import msgspec
import pytest

from soakproof.judge.verdict import Extrapolation, MemoryGrowth
from soakproof.wording.advice import advise
from soakproof.wording.extrapolation import say_extrapolations, say_hours
from tests.synthetic_runs import make_run
from tests.unit.report.made_verdicts import make_verdict

GIB = 2.0**30


def make_extrapolation(**changes):
    usual: dict[str, Any] = {
        "rate": 20.0,
        "is_given": True,
        "metric": "process:uss",
        "bytes_per_day": 3.5 * GIB,
        "bytes_per_day_ci": (3.0 * GIB, 4.0 * GIB),
        "confidence": 0.9,
        "limit_bytes": 512 << 20,
        "limit_source": "cgroup",
        "hours_to_limit": 2.5,
        "hours_to_limit_ci": (2.0, 3.25),
    }
    return Extrapolation(**usual | changes)


@pytest.mark.parametrize(
    ("changes", "fills"),
    [
        ({}, " and fills the container's limit, 512.0 MiB, in 2 h 30 min (2 h 0 min to 3 h 15 min)"),
        ({"limit_bytes": None, "limit_source": None, "hours_to_limit": None}, ""),
    ],
)
def test_at_a_given_rate_a_leak_is_told_by_the_day(changes, fills):
    """Bytes a day and hours with their intervals; hours only where there is a limit."""
    verdict = make_verdict("leak")
    verdict.extrapolations = [make_extrapolation(**changes)]
    gains = "the process gains 3.5 GiB a day (90% interval 3.0 GiB to 4.0 GiB)"
    told = [f"At 20 connections a second (given), {gains}{fills}."]
    assert say_extrapolations(make_run("leak"), verdict) == told
    assert advise(make_run("leak"), verdict)[-1:] == told


def test_without_a_rate_a_leak_is_told_by_the_thousand():
    """A soak's own rate is not the service's: bytes of a thousand connections, and about how many fill the limit."""
    growth = MemoryGrowth(
        metric="process:uss",
        bytes_per_connection=1024.0,
        bytes_per_connection_ci=(1000.0, 1048.0),
        confidence=0.9,
        limit_bytes=512 << 20,
        limit_source="cgroup",
        connections_to_limit=460_123.0,
        connections_to_limit_ci=(451_234.0, 470_987.0),
    )
    verdict = make_verdict("leak")
    verdict.memory_growth = growth
    left = "Every 1,000 connections leave 1,000.0 KiB behind (90% interval 976.6 KiB to 1,023.4 KiB)"
    full = "the container's limit, 512.0 MiB, is full after 450,000 to 470,000 more connections (--at-rate tells hours)"
    assert say_extrapolations(make_run("leak"), verdict) == [f"{left}; {full}."]
    verdict.memory_growth = msgspec.structs.replace(growth, connections_to_limit=None, limit_bytes=None)
    assert say_extrapolations(make_run("leak"), verdict) == [f"{left}."]


def test_long_times_are_told_in_days():
    """Nobody counts three hundred hours."""
    told = [say_hours(hours) for hours in (0.5, 23.0, 300.0, 9e5, None)]
    assert told == ["30 min 0 s", "23 h 0 min", "12.5 days", "more than a year", "never"]

"""What a leak comes to, in sentences that every report carries."""

from typing import Any

import pytest

from soakproof.judge.verdict import Extrapolation
from soakproof.wording.advice import advise
from soakproof.wording.extrapolation import say_extrapolations, say_hours
from tests.synthetic_runs import make_run
from tests.unit.report.made_verdicts import make_verdict

GIB = 2.0**30


def make_extrapolation(**changes):
    usual: dict[str, Any] = {
        "rate": 20.0,
        "is_given": False,
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
    ("changes", "sentence"),
    [
        (
            {},
            (
                ", as observed, the process gains 3.5 GiB a day (90% interval 3.0 GiB to 4.0 GiB)"
                " and fills the container's limit, 512.0 MiB, in 2 h 30 min (2 h 0 min to 3 h 15 min)."
            ),
        ),
        (
            {"is_given": True, "limit_bytes": None, "limit_source": None, "hours_to_limit": None},
            " (given), the process gains 3.5 GiB a day (90% interval 3.0 GiB to 4.0 GiB).",
        ),
        (
            {"bytes_per_day": GIB, "bytes_per_day_ci": (-GIB, 4 * GIB), "hours_to_limit_ci": (2.0, None)},
            (
                ", as observed, the process gains at most 4.0 GiB a day (90% interval 0 B to 4.0 GiB)"
                " and fills the container's limit, 512.0 MiB, in 2 h 0 min at the earliest."
            ),
        ),
        (
            {"bytes_per_day": -GIB, "bytes_per_day_ci": (-2 * GIB, 0.0)},
            ", as observed, the process does not grow measurably for now.",
        ),
    ],
)
def test_a_leak_is_told_by_the_day(changes, sentence):
    """Bytes a day and hours with their intervals; what may be nothing is said as at most."""
    verdict = make_verdict("leak")
    verdict.extrapolations = [make_extrapolation(**changes)]
    told = [f"At 20 connections a second{sentence}"]
    assert say_extrapolations(make_run("leak"), verdict) == told
    assert advise(make_run("leak"), verdict)[-1:] == told


def test_long_times_are_told_in_days():
    """Nobody counts three hundred hours."""
    told = [say_hours(hours) for hours in (0.5, 23.0, 300.0, 9e5, None)]
    assert told == ["30 min 0 s", "23 h 0 min", "12.5 days", "more than a year", "never"]

"""A working day in ten minutes: people come in the morning, go to lunch, come back, go home; some read at night.

    locust -f loadtests/working_day.py --host http://127.0.0.1:8000

The shape is for plain Locust. `soakproof run -f` has its own waves and steady phases, and takes the users alone.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

from locust import LoadTestShape

sys.path.insert(0, str(Path(__file__).parents[1]))  # Locust loads a file, not a package: its neighbours are found so

from loadtests.chat import Patient
from loadtests.crawl import Watcher
from loadtests.editors import Editor

DAY_S = 600.0
CROWD = 300

# Hour of the day, share of the crowd that is there. In between it changes evenly.
PRESENCE = [(0, 0.02), (6, 0.05), (9, 0.9), (11, 1.0), (12.5, 0.45), (14, 0.95), (17, 0.8), (19, 0.2), (24, 0.02)]

__all__ = ["Editor", "Patient", "Watcher", "WorkingDay"]


def share_present(hour: float) -> float:
    """Return the share of the crowd that is there at an hour from 0 to 24."""
    for (start, before), (end, after) in pairwise(PRESENCE):
        if hour <= end:
            return before + (after - before) * (hour - start) / (end - start)
    return PRESENCE[-1][1]


class WorkingDay(LoadTestShape):  # type: ignore[misc]  # Locust carries no types
    """One day, from midnight to midnight."""

    def tick(self) -> tuple[int, float] | None:
        """Return how many people are there now, and how fast they come and go."""
        hour = 24 * self.get_run_time() / DAY_S
        if hour >= 24:  # noqa: PLR2004  # a day has as many
            return None
        return round(CROWD * share_present(hour)), 50.0

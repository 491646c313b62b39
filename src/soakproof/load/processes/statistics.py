"""Locust's own statistics, kept from growing with the time that a soak takes."""

from __future__ import annotations

from typing import Any


def forget_seconds(stats: Any) -> None:
    """Drop what Locust keeps second by second for the rates that its web page shows; totals and percentiles stay.

    It keeps the counts for ever: an entry for each second and name, hundreds of thousands in a day; and twenty copies
    of the table of response times.
    """
    for entry in (stats.total, *stats.entries.values()):
        entry.num_reqs_per_sec.clear()
        entry.num_fail_per_sec.clear()
        if entry.response_times_cache is not None:
            entry.response_times_cache.clear()

"""Sentences on a history of runs."""

from __future__ import annotations

from soakproof.trend import ChangePoint, Point, Trend
from soakproof.wording.culprits import say_site
from soakproof.wording.names import name_metric_in_full
from soakproof.wording.numbers import say_growth, say_unit

SHORT_COMMIT = 10


def say_point(point: Point) -> str:
    """Return what a run is called: by its commit where that is known."""
    return f"{point.commit[:SHORT_COMMIT]} ({point.name})" if point.commit else point.name


def say_change_point(change: ChangePoint, trend: Trend) -> str:
    """Return from which run on a metric grows otherwise, as one sentence without a full stop."""
    rates = f"{say_growth(change.before, change.unit)} before, {say_growth(change.after, change.unit)} since"
    where = f", at {say_site(change.site)}" if change.site else ""
    what = "more" if change.is_worse else "less"
    metric = name_metric_in_full(change.metric)
    per = say_unit(change.unit, "connection")
    return f"from {say_point(trend.points[change.at])} on {metric} keeps {what}: {rates} {per}{where}"


def say_trend(trend: Trend) -> str:
    """Return what the history comes to, as one sentence."""
    runs = f"{len(trend.points):,} run{'' if len(trend.points) == 1 else 's'}"
    invalid = sum(point.verdict == "invalid" for point in trend.points)
    besides = f", {invalid:,} of them invalid" if invalid else ""
    commits = len({change.at for change in trend.changes})
    if not commits:
        return f"Nothing has changed over {runs}{besides}."
    return f"What stays per connection has changed at {commits:,} of {runs}{besides}."

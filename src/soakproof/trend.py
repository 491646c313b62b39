"""A history of runs: what grows per connection at each commit, and at which commits that changed.

The change points are those of E-Divisive (Matteson and James, A Nonparametric Approach for Multiple Change Point
Analysis of Multivariate Data, 2014): a series is divided where the energy distance between its two parts is largest.
Of the divisions those are taken back, the weakest first, that Student's test on the two stretches beside does not find
significant, as in Hunter (Fleming et al., Hunter: Using Change Point Detection to Hunt for Performance Regressions,
2023), or that are no larger than the metric's margin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np

from soakproof.culprits import Site
from soakproof.judge import judge_run
from soakproof.judge.memory import STRICT_MARGINS
from soakproof.judge.verdict import Finding, RunVerdict, Verdict
from soakproof.late import stats
from soakproof.metrickinds import USED_BY_C, Kind
from soakproof.samples import Run
from soakproof.totals import Array

SIGNIFICANCE = 0.001
SHORTEST = 2  # runs on either side of a change: of one alone nobody can say whether it stays
COUNTED: frozenset[Kind] = frozenset(("registry", "library", "container", "task", "thread", "fd", "child"))


class Growth(msgspec.Struct, frozen=True):
    """What a metric gained per connection in one run, with its interval."""

    slope: float
    low: float
    high: float


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the history. A metric that it never named did not move in it."""

    name: str
    commit: str | None
    started_at: str
    verdict: RunVerdict
    growth: dict[str, Growth]


class ChangePoint(msgspec.Struct, frozen=True, kw_only=True):
    """A metric that grows otherwise from a run on, before and since; ``site`` where a run has named its line."""

    metric: str
    unit: str
    at: int
    before: float
    after: float
    site: Site | None = None

    @property
    def is_worse(self) -> bool:
        """Whether more stays since then."""
        return self.after > self.before


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """The runs from the oldest on, the metrics that ever grew or changed, and the changes, oldest first."""

    points: list[Point]
    units: dict[str, str]
    changes: list[ChangePoint]


def make_trend(runs: Sequence[tuple[str, Run]]) -> Trend:
    """Judge each run and find what changed, and when.

    Args:
        runs: The runs, each with a name to call it by; their order is that in which they were started.

    Returns:
        The trend. Runs that are invalid are points without growth, and are passed over in looking for changes.
    """
    ordered = sorted(runs, key=lambda pair: pair[1].header.started_at)
    judged = [(name, run, judge_run(run)) for name, run in ordered]
    points = [_point(name, run, verdict) for name, run, verdict in judged]
    told = {finding.metric: finding for *_, verdict in judged for finding in verdict.findings if is_told(finding)}
    changes = [change for finding in told.values() for change in _changes_of(finding, points)]
    located = [msgspec.structs.replace(change, site=_find_site(change, judged)) for change in changes]
    moved = {change.metric for change in changes} | {each.metric for each in told.values() if each.verdict == "leak"}
    units = {metric: told[metric].unit for metric in sorted(moved)}
    return Trend(points=points, units=units, changes=sorted(located, key=lambda each: (each.at, not each.is_worse)))


def is_told(finding: Finding) -> bool:
    """Whether a metric has a history of its own: counts, and the bytes in use; types and blocks follow from these."""
    return finding.kind in COUNTED or finding.metric in USED_BY_C


def find_change_points(values: Array, margin: float) -> list[int]:
    """Return where a series changes: the places of the first values that belong to what follows.

    Args:
        values: One value per run.
        margin: A difference of means that counts as none.
    """
    places = sorted(_divide(values, 0, len(values)))
    level = SIGNIFICANCE / max(len(values), 1)  # each place was chosen among so many
    while places:  # a step up and one down hide each other: all divisions are made first, and the weakest taken back
        chances = [_chance(values, *division, margin) for division in _with_neighbours(places, len(values))]
        if max(chances) < level:
            break
        places.pop(chances.index(max(chances)))
    return places


def _divide(values: Array, start: int, end: int) -> Iterator[int]:
    if end - start >= 2 * SHORTEST:
        candidates = range(start + SHORTEST, end - SHORTEST + 1)
        place = max(candidates, key=lambda at: energy(values[start:at], values[at:end]))
        yield place
        yield from _divide(values, start, place)
        yield from _divide(values, place, end)


def _with_neighbours(places: Sequence[int], length: int) -> Iterator[tuple[int, int, int]]:
    edges = [0, *places, length]
    yield from ((edges[at], edges[at - 1], edges[at + 1]) for at in range(1, len(edges) - 1))


def _chance(values: Array, place: int, start: int, end: int, margin: float) -> float:
    """Return how likely two stretches differ by chance alone; 1 where they differ by no more than the margin."""
    before, after = values[start:place], values[place:end]
    if abs(float(after.mean() - before.mean())) <= margin:
        return 1.0
    if before.std() == after.std() == 0:
        return 0.0
    return float(stats.ttest_ind(before, after).pvalue)


def energy(before: Array, after: Array) -> float:
    """Return the energy distance of two samples, weighted by their sizes (Matteson and James, equation 5)."""
    m, n = len(before), len(after)
    between = 2 * np.abs(before[:, None] - after[None, :]).mean()
    return float(m * n / (m + n) * (between - _within(before) - _within(after)))


def _within(values: Array) -> float:
    n = len(values)
    return float(np.abs(values[:, None] - values[None, :]).sum() / (n * (n - 1))) if n > 1 else 0.0


def _point(name: str, run: Run, verdict: Verdict) -> Point:
    growth = {each.metric: Growth(each.per_connection, *each.ci) for each in verdict.findings if is_told(each)}
    return Point(
        name=name,
        commit=run.header.commit,
        started_at=run.header.started_at,
        verdict=verdict.verdict,
        growth={} if verdict.verdict == "invalid" else growth,
    )


def _changes_of(finding: Finding, points: Sequence[Point]) -> Iterator[ChangePoint]:
    valid = [at for at, point in enumerate(points) if point.verdict != "invalid"]
    values = np.array([points[at].growth.get(finding.metric, Growth(0, 0, 0)).slope for at in valid], dtype=float)
    margin = finding.margin * (STRICT_MARGINS if finding.unit == "bytes" else 1)
    places = find_change_points(values, margin)
    for place, start, end in _with_neighbours(places, len(values)):
        yield ChangePoint(
            metric=finding.metric,
            unit=finding.unit,
            at=valid[place],
            before=float(values[start:place].mean()),
            after=float(values[place:end].mean()),
        )


def _find_site(change: ChangePoint, judged: Sequence[tuple[str, Run, Verdict]]) -> Site | None:
    """Return the line of the first run from the change on that names one."""
    culprits = (
        finding.culprit
        for *_, verdict in judged[change.at :]
        for finding in verdict.findings
        if finding.metric == change.metric and finding.culprit
    )
    return next((culprit.sites[0] for culprit in culprits if culprit.sites), None)


def group_changes(trend: Trend) -> Mapping[int, list[ChangePoint]]:
    """Return the changes by the run that they begin with."""
    by_run: dict[int, list[ChangePoint]] = {}
    for change in trend.changes:
        by_run.setdefault(change.at, []).append(change)
    return by_run

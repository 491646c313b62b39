"""Bounds that a user declared: which of them are of no metric of the run, most likely by a misspelt name."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from soakproof.judge.restpoints import rest_points
from soakproof.plans import Rules
from soakproof.samples import Run
from soakproof.warningcodes import RunWarning, WarningCode, warn


def find_unused(run: Run, rules: Rules) -> Iterator[RunWarning]:
    """Yield each declared bound that no metric has, by the names that bounds are looked up by, with the nearest one."""
    if not rules.bounds:
        return
    known = find_names(run)
    for declared in sorted(rules.bounds.keys() - known):
        nearest = difflib.get_close_matches(declared, sorted(known), n=1)
        yield warn(WarningCode.BOUND_UNUSED, declared=declared, nearest=nearest[0] if nearest else "")


def find_names(run: Run) -> set[str]:
    """Return the names of all metrics: with kind and without it, and their owner paths."""
    metrics = {name for point in rest_points(run) for sample in point.samples.values() for name in sample.metrics}
    owners = {info.owner for info in run.metrics.values() if info.owner}
    return metrics | {name.partition(":")[2] for name in metrics} | owners

"""Series, cases and findings with the values a test gives them, for rules that are tested by what they are fed."""

from __future__ import annotations

import numpy as np

from soakproof.judge.case import Case
from soakproof.judge.folding import Places, fold
from soakproof.judge.readings import Readings
from soakproof.judge.series import Drained, Series
from soakproof.judge.verdict import Finding
from soakproof.metrickinds import kind_of, unit_of
from soakproof.plans import Bound

CLIENTS = 600
MARGINS = {"type": 0.05, "heap": 0.05, "process": 64.0}


def feed_series(
    metric,
    values,
    *,
    drained=None,
    drained_before=None,
    drained_once=None,
    unloaded=None,
    peak=None,
    clients=CLIENTS,
    x_end=None,
):
    """Return a series with the values at rest points ``clients`` connections apart, after two waves of warm-up."""
    y = np.array(values, dtype=float)
    x = clients * np.arange(2.0, len(y) + 2)
    top = float(max(y, default=0.0)) if peak is None else peak
    return Series(
        metric=metric,
        x=x,
        y=y,
        drained=drained,
        x_end=x_end or (float(x[-1]) if len(x) else 0.0),
        peak=top,
        process_peak=top,
        columns={1: y},
        drained_before=drained_before,
        drained_once=drained_once and Drained(*drained_once),
        unloaded=unloaded,
    )


def feed_case(metric, values, *, bound=None, readings=None, is_flat=True, margin=None, confidence=0.9, **fields):
    """Return a case over such a series, with the kind's default margin; other fields are the case's or the series'."""
    own = {name: fields.pop(name) for name in ("threads", "in_use", "is_held") if name in fields}
    fed = feed_series(metric, values, **fields)
    default = 16.0 if metric.endswith("_bytes") else MARGINS.get(kind_of(metric), 0.005)
    return Case(
        series=fed,
        margin=default if margin is None else margin,
        confidence=confidence,
        seed=7,
        readings=readings or Readings(),
        bound=Bound(**bound) if bound else None,
        are_counts_flat=is_flat,
        **own,
    )


def make_finding(metric, verdict="leak", per_connection=1.0, **fields):
    """Return a finding with an exact slope and all else usual."""
    usual = {
        "metric": metric,
        "kind": kind_of(metric),
        "name": metric.partition(":")[2],
        "verdict": verdict,
        "per_connection": per_connection,
        "ci": (per_connection, per_connection),
        "confidence": 0.9,
        "margin": 0.005,
        "unit": unit_of(metric),
        "first": 0.0,
        "last": 0.0,
        "peak": 0.0,
        "rule": "slope",
    }
    return Finding(**(usual | fields))


def owners_of(findings):
    """Return the name of what each finding is about, by metric."""
    return {finding.metric: finding.name for finding in findings}


def fold_all(*findings, homes=None):
    """Return findings as folded, and the metrics of the leaks that decide."""
    folded = fold(findings, Places(owners_of(findings), homes))
    return folded, [finding.metric for finding in folded if finding.is_deciding and finding.verdict == "leak"]

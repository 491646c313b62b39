"""Metrics by names that people use; a registry, a type and a task are called what the code calls them."""

from __future__ import annotations

from soakproof.judge.verdict import Finding
from soakproof.samples import Run

NAMES = {
    "process:rss": "RSS",
    "process:uss": "USS",
    "heap:in_use_bytes": "heap in use",
    "heap:blocks": "allocated blocks",
    "heap:objects": "live objects",
    "task:total": "all tasks",
    "thread:total": "all threads",
    "fd:total": "file descriptors",
}


def name_metric(metric: str) -> str:
    """Return a metric's name where its kind stands beside it, or needs no saying."""
    return NAMES.get(metric, metric.partition(":")[2])


def name_metric_in_full(metric: str) -> str:
    """Return a metric's name where it stands alone: task AsyncSocket._send_ping, type app.Session, RSS."""
    kind, _, name = metric.partition(":")
    return NAMES.get(metric, f"{kind} {name}")


def say_per(run: Run) -> str:
    """Return what rates are per: connection, or event when the clients were held."""
    return "event" if run.header.plan.is_held else "connection"


def say_verdict(finding: Finding) -> str:
    """Return a finding's verdict in words that do not alarm without cause: a consequence is no second leak."""
    if finding.verdict == "bounded" and finding.lingers_s is not None:
        return "bounded, lingers"
    if finding.is_deciding or finding.verdict == "bounded":
        return finding.verdict
    return "follows" if finding.verdict == "leak" else "undecided"

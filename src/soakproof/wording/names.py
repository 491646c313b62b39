"""Metrics by names that people use; a registry, a type and a task are called what the code calls them."""

from __future__ import annotations

from soakproof.culprits import Culprit, Memory
from soakproof.judge.verdict import Finding
from soakproof.metrickinds import ALIGNMENT_BYTES, CONTAINERS, LARGEST_BLOCK_BYTES, Kind
from soakproof.samples import Run

NAMES = {
    "process:rss": "RSS",
    "process:uss": "USS",
    "heap:in_use_bytes": "heap in use",
    "heap:elsewhere_bytes": "mapped by C code itself",
    "heap:sqlite_bytes": "SQLite's page caches",
    "heap:blocks": "allocated blocks",
    "heap:objects": "live objects",
    "task:total": "all tasks",
    "thread:total": "all threads",
    "fd:total": "file descriptors",
    "child:total": "child processes",
    "child:zombie": "zombies",
    "map:file": "mapped files",
    "map:file_bytes": "mapped files, bytes",
    "map:shared": "shared memory",
    "map:shared_bytes": "shared memory, bytes",
}


MEMORY_WORDS: dict[Memory, str] = {
    "native": "native memory",
    "swelling": "objects that swell",
    "unsettled": "objects that swell, or native memory",
    "garbage": "garbage",
}
MEMORY_NOTES: dict[Memory, str] = {
    "garbage": "The target has its garbage collector switched off (gc.disable), so the reference cycles of every "
    "connection stay, the libraries' own among them. Call gc.collect() now and then, or leave the collector on.",
}


def say_owner(culprit: Culprit) -> str:
    """Return who keeps what leaks: the owner path, or where no container does, the kind of memory in words."""
    return culprit.owner or (MEMORY_WORDS[culprit.memory] if culprit.memory else "")


def say_note(culprit: Culprit) -> str | None:
    """Return what is to be said of a culprit besides: the second pass' note, or what its kind of memory asks for."""
    return culprit.note or (MEMORY_NOTES.get(culprit.memory) if culprit.memory else None)


def name_in_prose(metric: str) -> str:
    """Return how a sentence names a metric: owners by themselves, all else with the kind that gives it its meaning."""
    kind, _, name = metric.partition(":")
    if kind == "blocks":
        return name_metric(metric)
    return name if kind in {"registry", "container", "type", "buffer"} else metric


def say_growing(kind: Kind) -> str:
    """Return the verb for what leaks: containers keep, everything else is only counted."""
    return "keeps" if kind in CONTAINERS else "gains"


def name_metric(metric: str) -> str:
    """Return a metric's name where its kind stands beside it, or needs no saying."""
    kind, _, name = metric.partition(":")
    if kind == "blocks":
        return "large blocks" if name == "large" else f"blocks of {name} B"
    return NAMES.get(metric, name)


def name_blocks(size: str, beneath: str | None = None) -> str:
    """Return what leaks where blocks of one size do, and beneath what they are, if something is known to lead to them.

    Sizes go by sixteen, and what is larger has none.
    """
    of = f"{int(size) - ALIGNMENT_BYTES + 1} to {size} bytes" if size.isdigit() else f"over {LARGEST_BLOCK_BYTES} bytes"
    return f"objects of {of} " + (f"beneath {beneath}" if beneath else "that nothing Python knows holds")


def name_metric_in_full(metric: str) -> str:
    """Return a metric's name where it stands alone: task AsyncSocket._send_ping, type app.Session, RSS."""
    kind, _, name = metric.partition(":")
    return name_metric(metric) if kind == "blocks" else NAMES.get(metric, f"{kind} {name}")


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

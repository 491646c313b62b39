"""Who keeps what leaks, and the line to look at first, in the words that editors and terminals understand."""

from __future__ import annotations

from soakproof.culprits import Site, TypeCount
from soakproof.judge.verdict import Finding
from soakproof.wording.names import name_blocks, name_metric, name_metric_in_full, say_owner

LITTLE = 0.1
ROLES = ("raises", "fills", "allocates")


def is_memory(finding: Finding) -> bool:
    """Whether it is an amount of memory, of which nobody is known to own it, and not the bytes of a buffer."""
    return finding.unit == "bytes" and finding.kind != "buffer"


def name_culprit(finding: Finding) -> str:
    """Return who keeps what leaks: the owner path where it is known, else the metric's name."""
    if is_memory(finding):
        return name_metric(finding.metric)
    if finding.kind == "blocks":
        return name_blocks(finding.name, finding.culprit.beneath if finding.culprit else None)
    if finding.kind in {"task", "thread"}:
        return name_metric_in_full(finding.metric)
    return (say_owner(finding.culprit) if finding.culprit else "") or name_metric(finding.metric)


def main_site(finding: Finding) -> Site | None:
    """Return the line to look at first: one that raises, then one that fills the container, then one that allocates."""
    sites = finding.culprit.sites if finding.culprit else []
    return min(sites, key=lambda site: ROLES.index(site.role), default=None)


def agreeing_types(finding: Finding) -> tuple[list[TypeCount], bool]:
    """Return the types that are kept, and whether their numbers may stand beside the finding's rate.

    They come from a traced wave or two, the rate from all; where the two tell different things the rate is right.
    """
    types = finding.culprit.types if finding.culprit else []
    total = sum(each.per_connection for each in types)
    low, high = finding.ci
    is_whole = finding.kind != "heap"  # of all objects, some types are but a part
    return types, (1 - LITTLE) * low * is_whole <= total <= (1 + LITTLE) * high


def say_site(site: Site) -> str:
    """Return a line as editors and terminals understand it: file:line in function."""
    return f"{site.file}:{site.line} in {site.function}"

"""Cycles that nobody collects: in a target that has its collector switched off they are one leak, and not dozens."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from soakproof.culprits import Culprit, TypeCount
from soakproof.judge.codes import RelationKind
from soakproof.judge.verdict import Finding, Relation
from soakproof.metrickinds import Kind

OBJECTS = "heap:objects"
CYCLIC: tuple[Kind, ...] = ("container", "type", "buffer", "heap", "blocks", "process")
MOST_TYPES = 5


def gather(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings, those put under the number of live objects that are garbage in a target without collector.

    That is what the second pass found to be out of reach, and, where it found anything so, containers and classes that
    it did not look at. What something leads to stays a leak of its own, and so do the Socket.IO library's registries.
    """
    leaks = [each for each in findings if each.verdict == "leak"]
    cause = next((each for each in leaks if each.metric == OBJECTS), None)
    if cause is None or not any(each.culprit and each.culprit.is_garbage for each in leaks):
        return list(findings)
    swept = [each for each in leaks if each is not cause and _is_garbage(each)]
    names = {each.metric for each in swept}
    own = [each for each in swept if each.kind == "type" and each.culprit and each.culprit.origin == "application"]
    types = [TypeCount(name=each.name, per_connection=round(each.per_connection, 4)) for each in own][:MOST_TYPES]
    sites = [site for each in own if each.culprit for site in each.culprit.sites[:1]]
    culprit = Culprit(memory="garbage", types=types, sites=sites)
    first = msgspec.structs.replace(cause, culprit=culprit, consequences=sorted(names), is_deciding=True, relation=None)
    rest = [_put_under(each) if each.metric in names else each for each in findings if each is not cause]
    return [
        first,
        *sorted(rest, key=lambda each: (each.verdict != "leak", each.verdict == "leak" and each.metric in names)),
    ]


def _is_garbage(finding: Finding) -> bool:
    culprit = finding.culprit
    if culprit is not None and culprit.is_garbage:
        return True
    is_unknown = culprit is None or not culprit.retainers
    return is_unknown and finding.kind in CYCLIC


def _put_under(finding: Finding) -> Finding:
    relation = Relation(kind=RelationKind.CONSEQUENCE, metric=OBJECTS)
    return msgspec.structs.replace(finding, is_deciding=False, consequences=[], relation=relation)

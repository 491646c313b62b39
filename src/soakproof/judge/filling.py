"""What fills up to a bound: what a cache keeps is no leak while it fills, for it goes when the cache is full.

A container that is bounded by its own making, or by declaration, may go on filling through a whole run, and what its
entries keep grows with it. What is known to be kept in it, by its path, by the census or by the second pass, is put
under it and holds no verdict back. All else is judged as ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from soakproof.judge.codes import RelationKind, Rule
from soakproof.judge.folding import MEMORY, Places
from soakproof.judge.verdict import Finding, Relation
from soakproof.metrickinds import CONTAINERS
from soakproof.warningcodes import RunWarning, WarningCode, warn

BOUNDS = (Rule.DECLARED_BOUND, Rule.OWN_BOUND)
MOST_BLOCKS = 5  # of an entry or an object: itself, its table, its attributes, key and value
NEARLY_ALL = 1.1


def find_filling(findings: Sequence[Finding]) -> list[Finding]:
    """Return the containers that are bounded though they surely grow."""
    return [each for each in findings if each.rule in BOUNDS and each.verdict == "bounded" and each.ci[0] > each.margin]


def excuse(findings: Sequence[Finding], folded: Sequence[Finding], places: Places) -> list[Finding]:
    """Return the findings, those bounded that only grow because a bounded container fills.

    ``folded`` are the same, told apart into causes and consequences. Totals of memory are excused only if nothing else
    leaks, and they gain no more than what is excused accounts for.
    """
    fillers = find_filling(findings)
    causes = [each for each in folded if each.verdict == "leak" and each.is_deciding and each.kind not in MEMORY]
    swelling = [each for each in folded if each.kind == "buffer" and each.verdict == "inconclusive"]
    kept: dict[str, Finding] = {}
    for cause in [*causes, *swelling]:
        filler = next((each for each in fillers if _keeps(each, cause, places)), None)
        if filler is not None:
            kept.update(dict.fromkeys([cause.metric, *cause.consequences], filler))
    totals = [each for each in findings if each.kind in MEMORY]
    for total in totals:
        kept.pop(total.metric, None)
    if fillers and all(cause.metric in kept for cause in causes):
        excused = [each for each in findings if each.metric in kept]
        kept.update({each.metric: fillers[0] for each in totals if _accounts_for(fillers, excused, each)})
    return [_put_under(each, kept) for each in findings]


def warn_of_filling(findings: Sequence[Finding]) -> Iterator[RunWarning]:
    """Yield each bounded container, and each library's cache, that still fills: what is kept in it was not judged."""
    for filler in find_filling(findings):
        if filler.consequences and filler.bound is not None:
            yield warn(
                WarningCode.STILL_FILLING,
                metric=filler.metric,
                held=filler.last,
                bound=filler.bound,
                unit=filler.unit,
            )
    for each in findings:
        if each.rule == Rule.LIBRARY_CACHE and each.ci[0] > each.margin:
            yield warn(WarningCode.CACHE_FILLING, metric=each.metric, held=each.last)


def _keeps(filler: Finding, cause: Finding, places: Places) -> bool:
    """Whether all that a cause counts is known to be kept in a container; of tuples only their number can be told."""
    if cause.kind in (*CONTAINERS, "buffer"):
        return places.is_inside(cause, filler)
    if cause.name == "tuple":
        return cause.per_connection <= MOST_BLOCKS * filler.per_connection
    within = cause.culprit.within if cause.culprit else None
    return cause.kind == "type" and places.owner(filler) in (within or ())


def _accounts_for(fillers: Sequence[Finding], excused: Sequence[Finding], total: Finding) -> bool:
    """Whether a leaking total gains no more than the objects and entries that are excused may take."""
    objects = sum(each.per_connection for each in excused if each.kind == "type")
    if total.metric == "heap:objects":
        return total.verdict == "leak" and total.per_connection <= NEARLY_ALL * objects + total.margin
    entries = sum(each.per_connection for each in fillers)
    is_open = total.unit == "blocks" and total.verdict != "bounded"
    return is_open and total.per_connection <= MOST_BLOCKS * (objects + entries)


def _put_under(finding: Finding, kept: dict[str, Finding]) -> Finding:
    filler = kept.get(finding.metric)
    if filler is not None:
        return msgspec.structs.replace(
            finding,
            verdict="bounded",
            rule=Rule.KEPT_IN_BOUNDED,
            overruled=finding.rule,
            relation=Relation(kind=RelationKind.KEPT_IN, metric=filler.metric),
            is_deciding=False,
            culprit=None,
        )
    consequences = [metric for metric, keeper in kept.items() if keeper.metric == finding.metric]
    return msgspec.structs.replace(finding, consequences=consequences) if consequences else finding

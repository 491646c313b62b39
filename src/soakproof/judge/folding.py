"""One leak, one culprit: what follows from another leak is put under it, and the likeliest cause comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from soakproof.judge.verdict import Finding
from soakproof.judge.wording import say_name
from soakproof.samples import Kind

HOLDERS: tuple[Kind, ...] = ("registry", "library", "container", "task", "thread", "fd")
CONTAINERS: tuple[Kind, ...] = ("registry", "library", "container")
MEMORY: tuple[Kind, ...] = ("heap", "process")
LIKELIEST: tuple[Kind, ...] = (*HOLDERS, "type", *MEMORY)
NEARLY_ONE = 0.9
VERDICT_ORDER = ("leak", "inconclusive", "bounded")


def fold(findings: Sequence[Finding], owners: Mapping[str, str]) -> list[Finding]:
    """Return the findings, causes first, each leak that a cause explains listed in it and no longer deciding.

    ``owners`` has the owner path of each metric. Among leaks a container comes before what it holds, an outer one
    before one inside it, and the stronger before the weaker.
    """
    paths = [owners[finding.metric] for finding in findings if finding.verdict == "leak"]
    ordered = sorted(findings, key=lambda finding: _rank(finding, owners[finding.metric], paths))
    leaks = [finding for finding in ordered if finding.verdict == "leak"]
    causes: dict[str, str] = {}
    for at, finding in enumerate(leaks):
        free = (cause for cause in leaks[:at] if cause.metric not in causes)
        cause = next((cause for cause in free if explains(cause, finding, owners)), None)
        if cause is not None:
            causes[finding.metric] = cause.metric
    folded = [_fold_one(finding, causes) for finding in ordered]
    return sorted(folded, key=lambda finding: (VERDICT_ORDER.index(finding.verdict), finding.metric in causes))


def explains(cause: Finding, effect: Finding, owners: Mapping[str, str]) -> bool:
    """Whether the effect is what one expects to see if the cause is a leak."""
    if effect.kind in MEMORY:
        return True
    if effect.kind in CONTAINERS:
        return cause.kind in CONTAINERS and is_inside(owners[effect.metric], owners[cause.metric])
    if effect.kind == "type" and is_builtin(effect.name):
        return cause.kind in HOLDERS or not is_builtin(cause.name)
    holders = HOLDERS if effect.kind == "type" else CONTAINERS
    return cause.kind in holders and _holds(cause, effect)


def is_inside(inner: str, outer: str) -> bool:
    """Whether one owner path leads through the other: ``app:ROOMS[*].history`` is inside ``app:ROOMS``."""
    return len(inner) > len(outer) and inner.startswith(outer) and inner[len(outer)] in "[.("


def is_builtin(type_name: str) -> bool:
    """Whether a type is Python's own: such objects are parts of something else."""
    return "." not in type_name or type_name.startswith("builtins.")


def _holds(cause: Finding, effect: Finding) -> bool:
    """Whether each entry of the cause can hold one of the effect, or more: its growth leaves nothing over."""
    named = {kept.name for kept in cause.culprit.types} if cause.culprit else set()
    return effect.name in named or (cause.ci[0] > 0 and effect.ci[1] >= NEARLY_ONE * cause.ci[0])


def _rank(finding: Finding, owner: str, leaking: Sequence[str]) -> tuple[object, ...]:
    depth = sum(is_inside(owner, path) for path in leaking)
    is_foreign = finding.culprit is not None and finding.culprit.origin != "application"
    is_part = finding.kind == "type" and is_builtin(finding.name)
    place = (LIKELIEST.index(finding.kind), is_part, is_foreign and finding.kind == "container")
    return (VERDICT_ORDER.index(finding.verdict), depth, *place, -finding.per_connection, finding.metric)


def _fold_one(finding: Finding, causes: Mapping[str, str]) -> Finding:
    if finding.metric in causes:
        reason = f"a consequence of {say_name(causes[finding.metric])}: {finding.reason}"
        return msgspec.structs.replace(finding, is_deciding=False, reason=reason)
    effects = [effect for effect, cause in causes.items() if cause == finding.metric]
    return msgspec.structs.replace(finding, consequences=effects) if effects else finding

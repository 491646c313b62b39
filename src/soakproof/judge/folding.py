"""One leak, one culprit: what follows from another leak is put under it, and the likeliest cause comes first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import takewhile

import msgspec

from soakproof.judge.codes import RelationKind
from soakproof.judge.suspended import EXECUTIONS as RUNNING
from soakproof.judge.suspended import hangs_on_executions, is_in_step
from soakproof.judge.verdict import Finding, Relation
from soakproof.metrickinds import CONTAINERS, Kind

HOLDERS: tuple[Kind, ...] = (*CONTAINERS, "task", "thread", "fd", "child", "map")
MEMORY: tuple[Kind, ...] = ("blocks", "heap", "process")
LIKELIEST: tuple[Kind, ...] = (*HOLDERS, "type", "buffer", *MEMORY)
WEAK = ("_weakrefset:WeakSet.data", "weakref:WeakKeyDictionary.data", "weakref:WeakValueDictionary.data")
BESIDE = (*WEAK, "logging:PlaceHolder.loggerMap")  # these only grow with what another container keeps
THREADS = "threading:_active"
TOTAL = "total"
FUNCTION, CLOSED_OVER = "function", ("cell", "tuple")  # a closure is a tuple of cells
CARRIED_BY_FUNCTIONS = (".<closure>.", ".<defaults>.")
EXECUTIONS = ("frame", "coroutine", "generator", "async_generator")
IN_A_LOCAL = re.compile(r"\.<locals>\.[^.<\[]+[.\[]")
NEARLY_ONE = 0.9
VERDICT_ORDER = ("leak", "inconclusive", "bounded")


class Places:
    """Where the metrics stand: the owner path of each, and which container keeps the objects whose part it is.

    ``plural`` are those under whose path many containers stand, one in each object of a kind: what keeps the objects is
    somewhere else.
    """

    def __init__(
        self,
        owners: Mapping[str, str],
        homes: Mapping[str, Collection[str]] | None = None,
        plural: Collection[str] = frozenset(),
    ) -> None:
        self._owners = owners
        self._homes = homes or {}
        self._plural = plural

    def is_plural(self, finding: Finding) -> bool:
        """Whether many containers stand under the owner path."""
        return finding.metric in self._plural

    def owner(self, finding: Finding) -> str:
        """Return the owner path of a finding's metric."""
        return self._owners[finding.metric]

    def is_inside(self, inner: Finding, outer: Finding) -> bool:
        """Whether one container is part of what the other keeps, over as many steps as there are."""
        start, target = self.owner(inner), self.owner(outer)
        seen, level = {start}, [start]
        while level:
            if any(is_inside(path, target) or (path == target and path != start) for path in level):
                return True
            above = {home for path in level for home in self._keepers(path)} - seen
            seen |= above
            level = sorted(above)
        return False

    def _keepers(self, path: str) -> Iterator[str]:
        """Yield what keeps a container, or one that it is inside of: what is in a session's list is in the session."""
        for owner, homes in self._homes.items():
            if owner == path or is_inside(path, owner):
                yield from homes


def fold(findings: Sequence[Finding], places: Places) -> list[Finding]:
    """Return the findings, causes first, each leak that a cause explains listed in it and no longer deciding.

    Among leaks a container comes before what it holds, an outer one before one inside it, one with a public name
    before a private one, and the stronger before the weaker.
    """
    leaking = [finding for finding in findings if finding.verdict == "leak"]
    ordered = sorted(findings, key=lambda finding: _rank(finding, places, leaking))
    leaks = [finding for finding in ordered if finding.verdict == "leak"]
    causes: dict[str, str] = {}
    for at, finding in enumerate(leaks):
        free = [cause for cause in leaks[:at] if cause.metric not in causes]
        if is_located(finding):
            free = [cause for cause in free if cause.kind not in CONTAINERS]
        cause = next((cause for cause in free if _explains(cause, finding, places, leaks)), None)
        keeper = _keeper(finding, leaks[:at], places)
        if keeper is not None:
            causes[finding.metric] = causes.get(keeper.metric, keeper.metric)
        elif cause is not None:
            causes[finding.metric] = cause.metric
    folded = [_fold_one(finding, causes) for finding in ordered]
    return sorted(folded, key=lambda finding: (VERDICT_ORDER.index(finding.verdict), finding.metric in causes))


def is_located(finding: Finding) -> bool:
    """Whether it is a class of which the second pass knows in which containers its objects are kept."""
    return finding.kind == "type" and finding.culprit is not None and finding.culprit.within is not None


def _keeper(finding: Finding, earlier: Sequence[Finding], places: Places) -> Finding | None:
    """Return the leaking container in which the objects of a located class are kept, the nearest first."""
    if not is_located(finding) or finding.culprit is None:
        return None
    by_owner = {places.owner(leak): leak for leak in earlier if leak.kind in CONTAINERS}
    return next((by_owner[path] for path in finding.culprit.within or () if path in by_owner), None)


def _explains(cause: Finding, effect: Finding, places: Places, leaks: Sequence[Finding]) -> bool:
    """Whether the effect follows from the cause, or is an attribute of objects that do."""
    if explains(cause, effect, places) or _adds_up_to(cause, effect, leaks):
        return True
    if hangs_on_executions(effect, places.owner(effect), leaks):
        return cause.kind in RUNNING or any(explains(cause, each, places) for each in leaks if each.kind in RUNNING)
    if any(_explains(cause, each, places, leaks) for each in _around(effect, places, leaks)):
        return True
    thing = _object_of(effect, places, leaks)
    return thing is not None and _object_of(cause, places, leaks) is None and explains(cause, thing, places)


def _around(effect: Finding, places: Places, leaks: Sequence[Finding]) -> list[Finding]:
    """Return the leaking containers that keep what a buffer is part of."""
    if effect.kind != "buffer":
        return []
    return [each for each in leaks if each.kind in CONTAINERS and places.is_inside(effect, each)]


def _adds_up_to(cause: Finding, effect: Finding, leaks: Sequence[Finding]) -> bool:
    """Whether the effect is the total of a kind (tasks, threads, descriptors), and those known by name make it up."""
    if effect.name != TOTAL or cause.kind != effect.kind:
        return False
    named = sum(leak.per_connection for leak in leaks if leak.kind == effect.kind and leak.name != TOTAL)
    return effect.per_connection <= named / NEARLY_ONE


def _object_of(finding: Finding, places: Places, leaks: Sequence[Finding]) -> Finding | None:
    """Return the leaking type that a container is part of, where there is one.

    That is the class of a foreign object that it is an attribute of; and frames, where it is part of what a local
    variable holds. The application's own classes are left alone: a container that a class shares may be what keeps its
    instances.
    """
    owner = places.owner(finding)
    if finding.kind in CONTAINERS and IN_A_LOCAL.search(owner):
        return next((leak for leak in leaks if leak.kind == "type" and leak.name in EXECUTIONS), None)
    if finding.kind != "container" or finding.culprit is None or finding.culprit.origin == "application":
        return None
    path = owner.replace(":", ".", 1)
    return next((leak for leak in leaks if leak.kind == "type" and is_inside(path, leak.name)), None)


def explains(cause: Finding, effect: Finding, places: Places) -> bool:
    """Whether the effect is what one expects to see if the cause is a leak."""
    if effect.kind in MEMORY or (cause.kind == "type" and (_is_part_of(effect, cause) or _hang_on_one(cause, effect))):
        return True
    if effect.kind in {"map", "buffer"}:
        is_mapping = effect.kind == "map"
        return _explains_mapping(cause, effect) if is_mapping else _explains_buffer(cause, effect, places)
    if effect.kind in CONTAINERS:
        return _explains_container(cause, effect, places)
    if effect.kind == "type" and is_builtin(effect.name):
        return _explains_builtin(cause, effect)
    if effect.kind == "type" and cause.kind == "type":
        return is_pythons(effect) and not is_pythons(cause)
    holders = HOLDERS if effect.kind == "type" else CONTAINERS
    return cause.kind in holders and _holds(cause, effect)


def _explains_builtin(cause: Finding, effect: Finding) -> bool:
    """Whether objects of Python's own are what a container keeps, or an object or a function is made of."""
    if cause.kind == "type":
        return not is_builtin(cause.name) or (cause.name == FUNCTION and effect.name in CLOSED_OVER)
    return cause.kind in HOLDERS


def _explains_mapping(cause: Finding, effect: Finding) -> bool:
    """Whether what is mapped is mapped by what leaks: each mapping of a file has a descriptor, and so many bytes."""
    if cause.kind in {"fd", "map", "buffer"}:
        return True
    return cause.kind in (*CONTAINERS, "type") and (effect.unit == "bytes" or _holds(cause, effect))


def _explains_buffer(cause: Finding, effect: Finding, places: Places) -> bool:
    """Whether a buffer is part of what a container keeps, or an attribute of objects that leak: it need not swell."""
    owner = places.owner(effect)
    if _keeps_functions(cause) and any(carried in owner for carried in CARRIED_BY_FUNCTIONS):
        return True
    if cause.kind in CONTAINERS:
        return places.is_inside(effect, cause) or _is_part(owner, cause)
    return cause.kind == "type" and is_inside(owner.replace(":", ".", 1), cause.name)


def _keeps_functions(cause: Finding) -> bool:
    """Whether functions leak, or a container was found to keep them: what they carry is as many times there."""
    kept = cause.culprit.types if cause.culprit and cause.kind in CONTAINERS else []
    return (cause.kind == "type" and cause.name == FUNCTION) or any(of.name == FUNCTION for of in kept)


def _explains_container(cause: Finding, effect: Finding, places: Places) -> bool:
    owner = places.owner(effect)
    if cause.kind not in CONTAINERS:
        return owner == THREADS and cause.kind == "thread"
    return (
        places.is_inside(effect, cause)
        or owner in BESIDE
        or _is_part(owner, cause)
        or _is_part_of_unknown(cause, effect, places)
        or _is_index(owner, places.owner(cause), effect, cause)
    )


def _is_part_of(effect: Finding, cause: Finding) -> bool:
    """Whether the second pass found all of the effect to be attributes of objects of the cause's class."""
    return effect.culprit is not None and effect.culprit.part_of == cause.name


def _hang_on_one(cause: Finding, effect: Finding) -> bool:
    """Whether two classes in step are kept by the entries of one container: their chains part at such an entry."""
    if effect.kind != "type" or not is_in_step(cause, effect) or cause.culprit is None or effect.culprit is None:
        return False
    pairs = zip(cause.culprit.retainers, effect.culprit.retainers, strict=False)
    common = [mine for mine, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]
    return any(step.startswith("[") for step in common)


def is_inside(inner: str, outer: str) -> bool:
    """Whether one owner path leads through the other: ``app:ROOMS[*].history`` is inside ``app:ROOMS``."""
    return len(inner) > len(outer) and inner.startswith(outer) and inner[len(outer)] in "[.("


def is_private(owner: str) -> bool:
    """Whether the last name on an owner path begins with an underscore."""
    return owner.rpartition(".")[2].rpartition(":")[2].startswith("_")


def _is_part(owner: str, cause: Finding) -> bool:
    """Whether a container is an attribute of objects that the second pass found in the cause."""
    kept = cause.culprit.types if cause.culprit else []
    return any(is_inside(owner.replace(":", ".", 1), of.name) for of in kept)


def _is_part_of_unknown(cause: Finding, effect: Finding, places: Places) -> bool:
    """Whether foreign objects, of which nobody has looked who keeps them, can be what a registry gains."""
    if not places.is_plural(effect) or places.is_plural(cause) or effect.culprit is None or effect.culprit.retainers:
        return False
    return effect.culprit.origin != "application" and _holds(cause, effect)


def _is_index(owner: str, of: str, effect: Finding, cause: Finding) -> bool:
    """Whether a private container of the same package grows in step with a public one: an index beside a registry."""
    is_same_package = owner.partition(".")[0].partition(":")[0] == of.partition(".")[0].partition(":")[0]
    return is_private(owner) and not is_private(of) and is_same_package and is_in_step(cause, effect)


def is_builtin(type_name: str) -> bool:
    """Whether a type is Python's own: such objects are parts of something else."""
    return "." not in type_name or type_name.startswith("builtins.")


def is_pythons(finding: Finding) -> bool:
    """Whether a type is of Python's own library: what an application or a library keeps is made of such."""
    return is_builtin(finding.name) or (finding.culprit is not None and finding.culprit.origin == "python")


def _holds(cause: Finding, effect: Finding) -> bool:
    """Whether each entry of the cause can hold one of the effect, or more: its growth leaves nothing over."""
    named = {kept.name for kept in cause.culprit.types} if cause.culprit else set()
    return effect.name in named or (cause.ci[0] > 0 and effect.ci[1] >= NEARLY_ONE * cause.ci[0])


def _rank(finding: Finding, places: Places, leaking: Sequence[Finding]) -> tuple[object, ...]:
    depth = sum(places.is_inside(finding, each) and not places.is_inside(each, finding) for each in leaking)
    is_foreign = finding.culprit is not None and finding.culprit.origin != "application"
    is_part = (finding.kind == "type") * (is_pythons(finding) + is_builtin(finding.name))
    is_part += finding.kind == "type" and finding.name in CLOSED_OVER
    is_part += finding.kind == "map" and finding.unit == "bytes"  # of mappings, of which the number says more
    is_dragged = _object_of(finding, places, leaking) is not None
    kind = len(CONTAINERS) - 0.5 if is_dragged else LIKELIEST.index(finding.kind)  # after the containers, before tasks
    if places.is_plural(finding) or hangs_on_executions(finding, places.owner(finding), leaking):
        kind = LIKELIEST.index("thread") + 0.5
    place = (kind, is_part, is_foreign and finding.kind in ("container", "type"))
    owner = places.owner(finding)
    is_hidden = finding.kind in CONTAINERS and is_private(owner)
    strength = (is_hidden, finding.name == TOTAL, -finding.per_connection, finding.metric)
    is_late = owner in BESIDE or (owner == THREADS and any(other.kind == "thread" for other in leaking))
    return (VERDICT_ORDER.index(finding.verdict), depth, is_late, *place, *strength)


def _fold_one(finding: Finding, causes: Mapping[str, str]) -> Finding:
    if finding.metric in causes:
        relation = Relation(kind=RelationKind.CONSEQUENCE, metric=causes[finding.metric])
        return msgspec.structs.replace(finding, is_deciding=False, relation=relation)
    effects = [effect for effect, cause in causes.items() if cause == finding.metric]
    return msgspec.structs.replace(finding, consequences=effects) if effects else finding

"""What can become of a healthy draft: each kind of run is one small function that spoils it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from soakproof.culprits import Culprit, Site, TypeCount
from soakproof.plans import Bound
from soakproof.samples import Diagnosis
from tests.synthetic_drafts import BROADCASTS, HEALTHY, LOCKS, MIB, PING_TASKS, SESSIONS, STATES, Draft


def _leak(draft: Draft) -> None:
    """One lock stays for each connection, with its object, its blocks and its bytes; the second pass explains it."""
    _keep_locks(draft, 1.0)
    site = Site(
        file="server/documents.py",
        line=88,
        function="lock_document",
        per_connection_bytes=212.0,
        per_connection=1.0,
        role="fills",
        source="self.locks[document_id] = Lock(user_id, expires_at, sid)",
    )
    culprit = Culprit(
        owner="server.documents:locks",
        retainers=["module server.documents", "server.documents:locks (dict)", "server.documents.Lock"],
        types=[TypeCount(name="server.documents.Lock", per_connection=1.0)],
        sites=[site],
        trigger="drop mode close (per connection: close +1.00, reset +0.00)",
        event="lock_document",
    )
    draft.diagnoses[LOCKS] = Diagnosis(metric=LOCKS, culprit=culprit)


def _keep_locks(draft: Draft, rate: float) -> None:
    consequences = {LOCKS: 1, "type:server.documents.Lock": 1, "type:builtins.str": 2, "heap:objects": 1}
    for metric, times in (consequences | {"heap:blocks": 4, "heap:in_use_bytes": 300, "process:uss": 300}).items():
        draft.grow(metric, rate * times)


def _rare(draft: Draft) -> None:
    """One connection in a hundred leaves its lock, by chance."""
    left = np.cumsum(draft.rng.poisson([0.01 * stage.opened for stage in draft.stages])).astype(float)
    for metric in (LOCKS, "type:server.documents.Lock"):
        draft.rest[metric] = draft.rest[metric] + left


def _ttl(draft: Draft) -> None:
    """Chat sessions are kept for a declared 3 s: some are left at each rest point, none after the drain."""
    draft.rest[SESSIONS] = np.array([0.2 * min(stage.opened, 250) * (stage.opened > 0) for stage in draft.stages])
    draft.infos[SESSIONS].bound = Bound(ttl_s=3.0)
    draft.linger_s[SESSIONS] = 3.0


def _lingering(draft: Draft) -> None:
    """Ping tasks outlive their clients by more than the whole run: they grow wave by wave and go in the drain."""
    for metric in (PING_TASKS, "task:total"):
        draft.grow(metric, 1.0)
        draft.linger_s[metric] = 5.0
        draft.rest[metric][-1] = HEALTHY[metric][0]
    draft.ticking.add(PING_TASKS)


def _native(draft: Draft) -> None:
    """Memory that Python does not see: a kilobyte a connection, every count flat."""
    draft.grow("heap:in_use_bytes", 1024.0)
    draft.grow("process:uss", 1024.0)
    draft.grow("process:rss", 1024.0)


def _inconclusive(draft: Draft) -> None:
    """States gained at the margin itself, by chance: neither test can reject."""
    at_margin = [0.005 * stage.opened + (3, -3)[at % 2] * (stage.opened > 0) for at, stage in enumerate(draft.stages)]
    draft.rest[STATES] = np.cumsum(np.round(at_margin)).clip(0)


def _high_water(draft: Draft) -> None:
    """RSS stays where the peak left it, while objects and blocks are back."""
    draft.rest["process:rss"] += 40 * MIB * (np.arange(len(draft.stages)) > 0)


def _sawtooth(draft: Draft) -> None:
    """A registry that a sweep empties every third wave."""
    draft.rest[BROADCASTS] = np.array([at % 3 * 200.0 for at in range(len(draft.stages))])
    draft.rest[BROADCASTS][[0, -1]] = 0.0


def _saturating(draft: Draft) -> None:
    """A cache of 2,000 entries fills and stays full."""
    draft.rest["container:server.cache:entries"] = np.minimum(draft.connections * 0.8, 2000.0)
    draft.per_client["container:server.cache:entries"] = 0.0


def _library(draft: Draft) -> None:
    """The disconnect handler raises: the library never cleans up."""
    for metric in ("library:environ", "library:manager.rooms", "library:manager.pending_disconnect"):
        draft.grow(metric, 2.0 if metric.endswith("rooms") else 1.0)
    draft.grow("heap:objects", 12.0)
    draft.grow("heap:blocks", 40.0)


def _unsettled(draft: Draft) -> None:
    """Nine rest points in ten did not settle."""
    draft.unsettled = {at for at, stage in enumerate(draft.stages) if stage.phase == "wave"}


def _died(draft: Draft) -> None:
    """The target died after the last wave."""
    draft.outcome = "target-died"


def _cut_short(draft: Draft) -> None:
    """No end record: the harness itself was killed."""
    draft.outcome = None


def _interrupted(draft: Draft) -> None:
    """Ctrl-C after all waves."""
    draft.outcome = "interrupted"


def _healthy_still(_draft: Draft) -> None:
    """Spoil nothing."""


SPOILERS: dict[str, Callable[[Draft], None]] = {
    "bounded": _healthy_still,
    "leak": _leak,
    "rare": _rare,
    "ttl": _ttl,
    "lingering": _lingering,
    "native": _native,
    "inconclusive": _inconclusive,
    "high-water": _high_water,
    "sawtooth": _sawtooth,
    "saturating": _saturating,
    "library": _library,
    "unsettled": _unsettled,
    "died": _died,
    "cut-short": _cut_short,
    "interrupted": _interrupted,
}

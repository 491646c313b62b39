"""One look at this process: how many entries, tasks and objects there are of whatever is the application's."""

from __future__ import annotations

import gc
from typing import NamedTuple

from soakproof.agent.census.roots import RootWalk
from soakproof.agent.census.walk import Found, Walk, is_own
from soakproof.agent.objects import kinds
from soakproof.agent.objects.liveobjects import LiveObjects
from soakproof.agent.origin import classification
from soakproof.agent.process.counts import count_tasks
from soakproof.agent.process.engines import Engines


class Look(NamedTuple):
    """What there is at one moment: entries, tasks and objects by metric, and of containers the owner path."""

    sizes: dict[str, float]
    owners: dict[str, str]


def look(engines: Engines) -> Look:
    """Collect garbage and count the application's containers, the Socket.IO registries, tasks, and its own objects."""
    gc.collect()
    live = LiveObjects()
    engines.find(live.groups.values())
    walk = walk_application(live, engines)
    found = {
        classification.metric_of(path, each.place.origin): (path, each)
        for path, each in walk.found.items()
        if is_own(each.place) and not is_ours(each.place.module) and not is_bounded(each)
    }
    sizes = {metric: float(each.size) for metric, (_, each) in found.items()}
    sizes.update({f"library:{label}": float(entries) for label, (_, entries) in engines.registries().items()})
    sizes.update({metric: count for metric, count in count_tasks(live).items() if metric != "task:total"})
    sizes.update(count_own_objects(live))
    return Look(sizes, {metric: path for metric, (path, _) in found.items()})


def is_bounded(found: Found) -> bool:
    """Whether it can hold only so many by its own making."""
    return found.count == 1 and kinds.bound_of(found.sample) is not None


def walk_application(live: LiveObjects, engines: Engines, wanted: list[str] | None = None) -> Walk:
    """Find the application's containers; of the ``wanted`` paths the containers themselves."""
    walk = Walk(wanted=wanted or ())
    engines.mark_seen(walk.seen)
    RootWalk(walk, live).of_application()
    return walk


def count_own_objects(live: LiveObjects) -> dict[str, float]:
    """Return how many objects there are of each class of the application's."""
    counted: dict[str, float] = {}
    for key, count in live.counts.items():
        of = live.types[key]
        module = kinds.module_of_type(of)
        if classification.origin_of_module(module) == classification.APPLICATION and not is_ours(module):
            counted[f"type:{kinds.describe_type(of)}"] = float(count)
    return counted


def is_ours(module: str) -> bool:
    """Whether a module is one of these: from a checkout of soakproof they would be taken for the application's."""
    return module.startswith(__package__)

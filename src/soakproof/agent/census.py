"""The census at a rest point: collect, hold the world still, count everything, and say what differs from the first."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import attributes, counts, engines, libc, origins, packages, roots, shapes
from .ledger import Ledger
from .service import Service
from .walk import Found, Walk

HELD_SWITCH_INTERVAL_S = 10.0


class Census:
    """Takes censuses of this process; remembers the first, and what was reported since."""

    def __init__(self, found_engines: engines.Engines) -> None:
        self._engines = found_engines
        self._ledger = Ledger()

    def take(self, service: Service, *, collects: bool, trims: bool, discovers: bool) -> dict[str, Any]:
        """Return the answer to ``census``."""
        libc.load()
        if self._ledger.is_empty:
            # What looking costs once, frames made by looking at them and profiles learnt, is paid before the reference.
            Reading(self._engines)
        started_s = time.perf_counter()
        with world_held():
            is_collected = collects and collect()
            reading = Reading(self._engines)
            if self._ledger.is_empty:
                self._ledger.take_reference(reading.sizes)
            grown = reading.grown(self._ledger) if discovers else []
            reported, new = self._ledger.report(reading.sizes, also=grown)
            infos = [reading.describe(name, self._ledger.reference(name)) for name in new]
            owners = [owner for owner in (reading.owner(name) for name in grown) if owner]
            metrics = reading.metrics
            del reading
        pause_s = time.perf_counter() - started_s
        metrics.update(reported)
        metrics.update(counts.count_threads(service.native_id))
        metrics.update(counts.count_fds(service.fds()))
        if "heap:blocks" in metrics:
            metrics["heap:blocks"] -= self._kept_blocks()
        if trims:
            libc.trim()
        return {
            "metrics": metrics,
            "infos": [with_package(info) for info in infos],
            "grown": owners,
            "pause_s": round(pause_s, 6),
            "collected": is_collected,
        }

    def _kept_blocks(self) -> int:
        """Return how many blocks the agent's memory of names has taken; its other memory is constant."""
        return len(self._ledger.reported) + attributes.kept_blocks() + engines.kept_blocks()


class Reading:
    """One look at everything. ``metrics`` are reported as they are, ``sizes`` only where they differ."""

    def __init__(self, found_engines: engines.Engines) -> None:
        objects = gc.get_objects()
        self.metrics = counts.count_heap(len(objects))
        in_use_bytes = libc.in_use_bytes()
        if in_use_bytes is not None:
            self.metrics["heap:in_use_bytes"] = in_use_bytes
        groups = roots.group_by_type(objects)
        del objects
        found_engines.find(thing for things in groups.values() if engines.role_of(type(things[0])) for thing in things)
        registries = found_engines.registries()
        self.metrics.update({f"library:{label}": float(entries) for label, (_, entries) in registries.items()})
        self.metrics.update(counts.count_tasks(groups))
        self._walk = Walk()
        found_engines.claim(self._walk.seen)
        roots.survey(self._walk, groups, counts.greenlet_frames(groups))
        self._paths = {metric_of(path, found): path for path, found in self._walk.found.items()}
        self.sizes = {metric: float(self._walk.found[path].size) for metric, path in self._paths.items()}
        self.sizes.update(count_types(groups))

    def owner(self, metric: str) -> str:
        """Return the owner path behind a metric, empty for types."""
        return self._paths.get(metric, "")

    def grown(self, ledger: Ledger) -> list[str]:
        """Return the application's containers that hold more than in the reference."""
        return [
            metric
            for metric in self._paths
            if metric.startswith("registry:") and self.sizes[metric] > ledger.reference(metric)
        ]

    def describe(self, metric: str, reference: float) -> dict[str, Any]:
        """Return the info of a metric that is reported for the first time."""
        path = self._paths.get(metric)
        if path is None:
            module = metric.partition(":")[2].rpartition(".")[0]
            origin = origins.origin_of_module(module)
            return {"metric": metric, "reference": reference, "origin": origin, "module": module}
        found = self._walk.found[path]
        bound = shapes.bound_of(found.sample) if found.count == 1 else None
        return {
            "metric": metric,
            "reference": reference,
            "owner": path,
            "origin": found.place.origin,
            "container_type": shapes.describe_type(type(found.sample)),
            "bound": {"max_items": bound, "source": "observed"} if bound is not None else None,
            "module": found.place.module,
        }


def metric_of(path: str, found: Found) -> str:
    """Return the metric of an owner path: a registry if it is the application's own."""
    kind = "registry" if found.place.origin == origins.APPLICATION else "container"
    return f"{kind}:{path.replace(':', '.')}"


def count_types(groups: dict[int, list[Any]]) -> dict[str, float]:
    """Return the number of collected objects of each type, the agent's own types left out."""
    sizes: dict[str, float] = {}
    for things in groups.values():
        of = type(things[0])
        if not origins.is_own(shapes.module_of_type(of)):
            name = f"type:{shapes.describe_type(of)}"
            sizes[name] = sizes.get(name, 0.0) + len(things)
    return sizes


def with_package(info: dict[str, Any]) -> dict[str, Any]:
    """Return an info with the distribution of its module in the module's place."""
    module = info.pop("module")
    if info["origin"] == origins.LIBRARY:
        info["package"] = packages.package_of(module)
    return info


def collect() -> bool:
    """Collect garbage, unless the target has switched that off: then what it keeps is its own, and counts."""
    if not gc.isenabled():
        return False
    gc.collect()
    return True


@contextmanager
def world_held() -> Iterator[None]:
    """Keep other threads from running Python until the block is done, however long it computes."""
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(HELD_SWITCH_INTERVAL_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before_s)

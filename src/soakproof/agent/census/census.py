"""The census at a rest point: collect, hold the world still, count everything, and say what differs from the first."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from typing import Any, Optional

from ..objects import attributes, cachebounds, kinds, unreadable
from ..objects.liveobjects import LiveObjects
from ..origin import classification, distributions
from ..process import (
    account,
    belongings,
    counts,
    engines,
    garbage,
    libc,
    memory,
    neveragain,
    ownblocks,
    pymalloc,
    sqlitecaches,
)
from ..transport.service import Service
from . import roots
from .containment import find_containing
from .reference import Reference
from .walk import Found, Walk, is_own

HELD_SWITCH_INTERVAL_S = 10.0


class Census:
    """Takes censuses of this process; remembers the first, and what was reported since."""

    def __init__(self, found_engines: engines.Engines) -> None:
        self._engines = found_engines
        self._reference = Reference()

    def take(self, service: Service, *, collects: bool, trims: bool, discovers: bool) -> dict[str, Any]:
        """Return the answer to ``census``.

        The target stands still while garbage is collected and the application's containers are counted. The libraries'
        follow while it runs again: there are many, and at rest they do not move.
        """
        if self._reference.is_empty:
            # What looking costs once, frames made by looking at them and profiles learnt, is paid before the reference.
            libc.load()
            pymalloc.load()
            self._measure(Reference(), service, collects=collects, discovers=False)
        return self._take(self._reference, service, collects=collects, trims=trims, discovers=discovers)

    def rehearse(self, service: Service, *, collects: bool, trims: bool) -> None:
        """Take a first census and another that count for nothing: what looking takes of the memory is taken then."""
        reference = Reference()
        for discovers in (False, True, False):
            self._take(reference, service, collects=collects, trims=trims, discovers=discovers)

    def _take(
        self, reference: Reference, service: Service, *, collects: bool, trims: bool, discovers: bool
    ) -> dict[str, Any]:
        answer = self._measure(reference, service, collects=collects, discovers=discovers)
        told = {} if discovers else {**account.read(pymalloc.blocks_in_use()), **garbage.take()}
        if trims:
            before = memory.resident_bytes()
            libc.trim()
            told["trimmed"] = float(max(0, before - memory.resident_bytes()))
        return {**answer, "account": told}

    def _measure(self, reference: Reference, service: Service, *, collects: bool, discovers: bool) -> dict[str, Any]:
        own_blocks = self._own_blocks()
        with Pause() as pause:
            is_collected = collects and pause.is_collecting
            if is_collected:
                garbage.collect_now()
            pymalloc.forget_names()
            reading = Reading(self._engines, own_blocks)
        answer = report(reading.complete(), reference, discovers=discovers)
        metrics = answer["metrics"]
        skipped = unreadable.take()
        metrics.update(counts.count_threads(service.native_id))
        metrics.update(counts.count_fds(service.fds()))
        metrics.update(belongings.count_children())
        metrics.update(belongings.count_mappings())
        told = {"collected": is_collected, "unreadable": skipped, "silent_malloc": libc.silent()}
        return {**answer, "pause_s": round(pause.seconds, 6), **told}

    def _own_blocks(self) -> dict[int, int]:
        """Return how many blocks of each size the agent has taken, for names and for watching; the rest is constant."""
        sizes = dict(self._reference.own_blocks)
        attributes.add_own_blocks(sizes)
        ownblocks.add_taken(sizes)
        return sizes


def report(reading: "Reading", reference: Reference, *, discovers: bool) -> dict[str, Any]:
    """Return what of a reading is to be told, and remember that it was."""
    if reference.is_empty:
        reference.take_reference(reading.sizes)
    grown = reading.grown(reference) if discovers else []
    if not discovers:
        reference.note_at_rest(reading.registries())
    reported, new = reference.report(reading.sizes, also=grown)
    within = reading.containing(new)
    return {
        "metrics": {**reading.metrics, **reported},
        "never_again": reading.never_again,
        "infos": [
            *(with_package(info) for info in reading.describe_library(reference)),
            *(with_package(reading.describe(name, reference.size(name), within)) for name in new),
        ],
        "grown": [owner for owner in map(reading.owner, grown) if owner],
    }


class Reading:
    """One look at everything. ``metrics`` are reported as they are, ``sizes`` only where they differ."""

    def __init__(self, found_engines: engines.Engines, own_blocks: dict[int, int]) -> None:
        blocks, by_size = sys.getallocatedblocks(), pymalloc.blocks_in_use()  # before looking takes any
        in_use_bytes = libc.in_use_bytes()
        self._live = LiveObjects()
        self.metrics = counts.count_heap(self._live.total, blocks and blocks - sum(own_blocks.values()))
        self.metrics.update(counts.count_blocks(blocks, by_size, own_blocks))
        if in_use_bytes is not None:
            cached = sqlitecaches.cached_bytes()
            self.metrics["heap:in_use_bytes"] = in_use_bytes - (cached or 0.0)
            if cached is not None:
                self.metrics["heap:sqlite_bytes"] = cached
        found_engines.find(self._live.groups.values())
        self._library = found_engines.registries()
        self.metrics.update({f"library:{label}": float(entries) for label, (_, entries) in self._library.items()})
        self.metrics.update(counts.count_tasks(self._live))
        self.never_again = neveragain.count_never_again(self._live)
        self._walk = Walk()
        found_engines.mark_seen(self._walk.seen)
        self._root_walk = roots.RootWalk(self._walk, self._live)
        self._root_walk.of_application()

    def complete(self) -> "Reading":
        """Add the libraries' containers and the types; may be done after the pause."""
        self._root_walk.of_libraries()
        self._paths = {
            classification.metric_of(path, found.place.origin): path for path, found in self._walk.found.items()
        }
        self.sizes = {metric: float(self._walk.found[path].size) for metric, path in self._paths.items()}
        self._buffers = {classification.buffer_metric(path): path for path in self._walk.buffers}
        self.sizes.update((metric, float(self._walk.buffers[path].size)) for metric, path in self._buffers.items())
        self.sizes.update(count_types(self._live))
        return self

    def owner(self, metric: str) -> str:
        """Return the owner path behind a metric, empty for types."""
        return self._paths.get(metric) or self._buffers.get(metric, "")

    def registries(self) -> list[str]:
        """Return the application's containers and buffers."""
        containers = [metric for metric in self._paths if metric.startswith("registry:")]
        return containers + [metric for metric, path in self._buffers.items() if is_own(self._walk.buffers[path].place)]

    def grown(self, reference: Reference) -> list[str]:
        """Return the application's containers and buffers that hold more than in the reference, and outlive clients.

        What hangs on a connection or a request alone is gone with it; what it leaves behind shows at rest.
        """
        return [
            metric
            for metric in self.registries()
            if reference.was_at_rest(metric) and self.sizes[metric] > reference.size(metric)
        ]

    def describe_library(self, reference: Reference) -> Iterator[dict[str, Any]]:
        """Yield the infos of the Socket.IO library's own registries, each once its owner is known."""
        for label, (owner, _) in self._library.items():
            if owner and reference.is_first_asked(f"library:{label}"):
                module = owner.partition(":")[0]
                yield {"metric": f"library:{label}", "owner": owner, "origin": classification.LIBRARY, "module": module}

    def describe(self, metric: str, reference: float, within: dict[str, str]) -> dict[str, Any]:
        """Return the info of a metric that is reported for the first time."""
        path = self._paths.get(metric)
        if metric in self._buffers:
            return self._describe_buffer(metric, reference)
        if path is None:
            module = metric.partition(":")[2].rpartition(".")[0]
            origin = classification.origin_of_module(module)
            return {"metric": metric, "reference": reference, "origin": origin, "module": module}
        found = self._walk.found[path]
        bound = self._bound_of(path, found) if found.count == 1 else None
        return {
            "metric": metric,
            "reference": reference,
            "owner": path,
            "origin": found.place.origin,
            "container_type": kinds.describe_type(type(found.sample)),
            "containers": found.count,
            "bound": {"max_items": bound, "source": "observed"} if bound is not None else None,
            "module": found.place.module,
            "within": within.get(path),
        }

    def _describe_buffer(self, metric: str, reference: float) -> dict[str, Any]:
        path = self._buffers[metric]
        found = self._walk.buffers[path]
        return {
            "metric": metric,
            "reference": reference,
            "owner": path,
            "origin": found.place.origin,
            "container_type": kinds.describe_type(type(found.sample)),
            "module": found.place.module,
        }

    def _bound_of(self, path: str, found: Found) -> Optional[int]:
        """Return the most entries that the only container of a path can hold, by its own making or its cache's."""
        own = kinds.bound_of(found.sample)
        return cachebounds.bound_of_part(path, found.sample, self._live) if own is None else own

    def containing(self, metrics: list[str]) -> dict[str, str]:
        """Return, of the application's containers among these, which container keeps what each is part of.

        A container that is the only one of its path is no part of anything that there are many of.
        """
        found = self._walk.found
        paths = [self._paths.get(metric, "") for metric in metrics if metric.startswith("registry:")]
        asked = {path for path in paths if path in found and found[path].count > 1}
        named = [(path, each.sample) for path, each in found.items() if each.count == 1]
        return find_containing({path: found[path].sample for path in asked}, named) if asked else {}


def count_types(live: LiveObjects) -> dict[str, float]:
    """Return the number of collected objects of each type, the agent's own types left out."""
    sizes: dict[str, float] = {}
    for key, count in live.counts.items():
        of = live.types[key]
        if not classification.is_own(kinds.module_of_type(of)):
            name = f"type:{kinds.describe_type(of)}"
            sizes[name] = sizes.get(name, 0.0) + count
    return sizes


def with_package(info: dict[str, Any]) -> dict[str, Any]:
    """Return an info with the distribution of its module in the module's place."""
    module = info.pop("module")
    if info["origin"] == classification.LIBRARY:
        info["package"] = distributions.package_of(module)
    return info


class Pause:
    """Keeps other threads from running Python, and the collector from being triggered; measures for how long.

    ``is_collecting`` tells whether the target has its collector switched on. Where it has not, a census must not
    collect either: what the target then keeps is its own doing, and counts.
    """

    seconds = 0.0
    is_collecting = True
    _held: Optional["Pause"] = None

    def __enter__(self) -> "Pause":  # noqa: PYI034 -- typing.Self is of Python 3.11
        Pause._held = self
        self._interval_s, self.is_collecting = sys.getswitchinterval(), gc.isenabled()
        sys.setswitchinterval(HELD_SWITCH_INTERVAL_S)
        gc.disable()
        self._started_s = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._started_s
        self._end()

    def _end(self) -> None:
        Pause._held = None
        if self.is_collecting:
            gc.enable()
        sys.setswitchinterval(self._interval_s)

    @staticmethod
    def end_in_child() -> None:
        """End the pause that a fork has cut short: in the child nobody else would, and it would never collect."""
        if Pause._held is not None:
            Pause._held._end()

"""Explains a metric: who retains what has come since the mark, of which types it is, and which lines allocated it."""

from __future__ import annotations

import gc
import sys
import time
from collections import Counter
from functools import cached_property
from operator import itemgetter
from typing import Any, Optional

from ..census.containment import Holders
from ..census.heapsnapshot import HeapSnapshot
from ..objects import buffers, kinds, lrucaches, tracked
from ..objects.liveobjects import LiveObjects
from ..origin import distributions
from ..process.engines import Engines
from ..trace.allocations import Tracing
from . import resources, retainernotes, retainerpaths, retainersearch, shares, statedlimits, timers
from .answers import Answer, empty

MOST_SAMPLES = 20
MOST_ENTRIES = 5000
LONGEST_S = 30.0

ORDERED = frozenset((kinds.MAPPING, kinds.LIST, kinds.DEQUE))

Subject = tuple[str, Optional[str]]  # metric, owner


class Explainer:
    """Explains metrics, given what is known of the mark."""

    def __init__(self, tracing: Tracing, engines: Engines) -> None:
        self._tracing = tracing
        self._engines = engines

    def explain(self, subjects: list[Subject], among: list[str], wholly: list[str]) -> list[Answer]:
        """Return the answers to ``explain``, one for each metric and its owner.

        Of each subject it is told whether it is kept in any of the others, or ``among`` the containers of more owners;
        in those of ``wholly`` only if all of it is, in one or another.
        """
        ends_s = time.thread_time() + LONGEST_S
        with self._tracing.marked.looking_up():
            # First of all, while there is nothing yet of what the agent looks with, which holds all that there is.
            came = [each for each in tracked.objects() if self._tracing.marked.is_new(each)]
            snapshot = HeapSnapshot([*(owner for _, owner in subjects if owner), *among, *wholly], self._engines)
            look = Look(snapshot, Containment(came, snapshot, frozenset(wholly)))
            return [self._explain_in_time(metric, owner, look, ends_s) for metric, owner in subjects]

    def share(self) -> Optional[list[Answer]]:
        """Return to whom what came since the mark belongs; None where there are too many objects to look at each."""
        with self._tracing.marked.looking_up():
            snapshot = HeapSnapshot(None, self._engines)
            is_too_large = snapshot.live.total > shares.MOST_OBJECTS
            return None if is_too_large else shares.Shares(self._tracing, snapshot).find()

    def _explain_in_time(self, metric: str, owner: Optional[str], look: "Look", ends_s: float) -> Answer:
        """Explain one metric unless those before it have taken all of the time that there is for them together."""
        if time.thread_time() > ends_s:
            return empty(f"Not looked at: what stands before it took more than {LONGEST_S:.0f} s to explain.")
        return self._explain_one(metric, owner, look)

    def _explain_one(self, metric: str, owner: Optional[str], look: "Look") -> Answer:
        kind, _, name = metric.partition(":")
        if kind == "buffer":
            return self._explain_buffers(look.snapshot.buffers(owner or ""), look)
        if kind in ("heap", "blocks", "process"):
            is_memory = kind in ("process", "blocks") or name.endswith("_bytes")
            return empty(say_extensions() if is_memory else retainernotes.note_on_totals())
        if kind in ("child", "map"):
            return resources.explain_children() if kind == "child" else resources.explain_mappings(name)
        if kind in ("task", "thread", "fd"):
            return self._explain_resource(kind, name, look)
        if kind == "type":
            is_tuple = name == "tuple"
            things = self._tracing.traced_tuples() if is_tuple else objects_of(name, look.snapshot.live)
            return self._explain_objects(things, look)
        held = look.snapshot.containers(owner or "", metric)
        answer = self._explain_containers(held, look)
        return {**answer, "pending": look.timers.holding(self._new_pairs(held)) if held else None}

    def _explain_buffers(self, found: list[Any], look: "Look") -> Answer:
        """Say who keeps the largest of the buffers under a path, and where they were allocated last."""
        if not found:
            return empty("No buffer stands under this name now.")
        largest = max(found, key=lambda each: buffers.bytes_of(each) or 0)
        chain = look.paths.find([largest])
        return {
            "retainers": retainerpaths.describe_path(chain) if chain else [retainerpaths.describe(largest)],
            "types": {},
            "sites": self._tracing.sites(each for each in found if self._tracing.marked.is_new(each)),
            "note": None,
            "within": None,
            "part_of": None,
            "is_garbage": False,
        }

    def _explain_resource(self, kind: str, name: str, look: "Look") -> Answer:
        if kind == "task":
            return resources.explain_tasks(name, look.snapshot.live, self._tracing, look.timers)
        if kind == "thread":
            return resources.explain_threads(name, self._tracing)
        return resources.explain_fds(name, look.snapshot.live, look.paths, self._tracing)

    def _explain_containers(self, containers: list[Any], look: "Look") -> Answer:
        if not containers:
            return empty("No container stands under this name now.")
        entries = self._new_entries(containers)
        largest = max(containers, key=lambda each: kinds.count_entries(each) or 0)
        chain = look.paths.find([largest]) or ([sys, largest] if largest is sys.modules else None)
        retainers = retainerpaths.describe_path(chain) if chain else [retainerpaths.describe(largest)]
        if entries:
            retainers.append(f"[*]: {retainerpaths.describe(entries[-1])}")
        types = Counter(kinds.describe_type(type(entry)) for entry in entries)
        notes = [retainernotes.note_on_entries(entries), statedlimits.note_on_limit(chain)] if chain else []
        note = " ".join(filter(None, notes)) or (None if chain else retainernotes.note_on_cycle([largest]))
        lasting = [each for each in containers if kinds.kind_of_type(type(each)) != kinds.TUPLE]  # a copy is always new
        new = [each for each in lasting if self._tracing.marked.is_new(each)]
        return {
            "retainers": retainers,
            "types": dict(types),
            "sites": self._tracing.sites(entries),
            "note": note,
            "within": look.within.of(new),
            "part_of": look.within.class_around(new),
            "is_garbage": not chain and not gc.isenabled(),
        }

    def _new_entries(self, containers: list[Any]) -> list[Any]:
        """Return the entries that came since the mark: all of a new container, of an old one those behind its old end.

        Addresses say little of atoms, and are used again; the order of insertion says more. A set has none.
        """
        entries: list[Any] = []
        for container in containers:
            kind = kinds.kind_of_type(type(container))
            if kind == kinds.CACHE:
                entries.extend(self._new_arguments(container))
                continue
            held = kinds.entries_of(container, kind)
            grown = kinds.size_of(container, kind) - self._tracing.marked.size_of(container)
            if grown > 0:
                is_ordered = kinds.has_order(container)
                entries.extend(held[-grown:] if is_ordered else self._newest_first(held)[:grown])
            if len(entries) > MOST_ENTRIES:
                break
        return entries[:MOST_ENTRIES]

    def _new_arguments(self, cache: Any) -> list[Any]:
        """Return what a cache was asked for since the mark: the arguments, of which several are a tuple."""
        entries: list[Any] = []
        for table in lrucaches.tables_of(cache):
            grown = dict.__len__(table) - self._tracing.marked.size_of(table)
            for key in list(dict.keys(table))[-grown:] if grown > 0 else ():
                entries.extend(kinds.entries_of(key, kinds.TUPLE) if kinds.is_of(key, tuple) else [key])
        return entries

    def _new_pairs(self, containers: list[Any]) -> list[tuple[Any, ...]]:
        """Return the newest entries, those of mappings with their keys.

        They are the last where there is an order, also of what loses more meanwhile than it gains.
        """
        pairs: list[tuple[Any, ...]] = []
        for container in containers[-MOST_SAMPLES:]:
            kind = kinds.kind_of_type(type(container))
            if kind == kinds.CACHE:
                continue
            grown = kinds.size_of(container, kind) - self._tracing.marked.size_of(container)
            newest = MOST_SAMPLES if kind in ORDERED else max(grown, 0)
            entries = dict.items(container) if kind == kinds.MAPPING else zip(kinds.entries_of(container, kind))
            pairs.extend(list(entries)[-newest:][-MOST_SAMPLES:] if newest else ())
        return pairs

    def _newest_first(self, held: list[Any]) -> list[Any]:
        """Put what is new first: an address that was taken before, and is again, makes some look old."""
        is_old = [not self._tracing.marked.is_new(thing) for thing in held]
        return [thing for _, thing in sorted(zip(is_old, held), key=itemgetter(0))]  # noqa: B905 -- strict is of Python 3.10

    def _explain_objects(self, things: list[Any], look: "Look") -> Answer:
        new = [thing for thing in things if self._tracing.marked.is_new(thing)]
        if len(new) <= MOST_ENTRIES:  # of more than that, what the agent looks with is no part to speak of
            new = [thing for thing in new if not self._tracing.is_own(thing)] or new
        samples = (new or things)[-MOST_SAMPLES:]
        if not samples:
            return empty("No object of this type lives now.")
        chain = look.paths.find(samples)
        types = {kinds.describe_type(type(samples[0])): len(new)}
        retainers = retainerpaths.describe_path(chain) if chain else [retainerpaths.describe(samples[-1])]
        return {
            "retainers": retainers,
            "types": types,
            "sites": self._tracing.sites(new),
            "note": retainernotes.note_on(chain, samples),
            "within": look.within.of(new) if new else None,
            "part_of": look.within.class_around(new),
            "is_garbage": not chain and not gc.isenabled(),
        }


class Containment:
    """In which of a snapshot's named containers what ``came`` is kept; it looks when it is first asked."""

    def __init__(self, came: list[Any], snapshot: HeapSnapshot, wholly: frozenset[str]) -> None:
        self._came = came
        self._snapshot = snapshot
        self._wholly = wholly

    @cached_property
    def _holders(self) -> Holders:
        return Holders(self._came, self._snapshot.named)

    def of(self, new: list[Any]) -> list[str]:
        """Return the owner paths of what keeps some of the things that came since the mark, over a few steps.

        Of a container that was there before nothing is asked: it grows by itself, whatever it is kept in.
        """
        samples = new[-MOST_SAMPLES:]
        if not samples:
            return []
        passed_over = frozenset() if self._holders.keep_each(samples, self._wholly) else self._wholly
        return [path for path in self._holders.find(samples) if path not in passed_over]

    def class_around(self, new: list[Any]) -> Optional[str]:
        """Return the class of which all of the things are attributes, None where they are nobody's."""
        return self._holders.class_around(new[-MOST_SAMPLES:]) if new else None


class Look:
    """What is looked at once for all subjects: the heap, who is kept in what, the ways from the roots, the timers."""

    def __init__(self, snapshot: HeapSnapshot, within: Containment) -> None:
        self.snapshot = snapshot
        self.within = within
        self.paths = retainersearch.RetainerPaths(snapshot.live)

    @cached_property
    def timers(self) -> timers.Timers:
        """What timers hold."""
        return timers.Timers(self.snapshot.live)


def say_extensions() -> str:
    """Say which modules of C code the target has loaded that are not Python's own, `ctypes` aside, which calls any."""
    foreign = {name.partition(".")[0] for name in distributions.extension_modules()}
    loaded = sorted(foreign | ({"ctypes"} & set(sys.modules)))
    return f"C code in the process besides Python's own: {', '.join(loaded)}." if loaded else ""


def objects_of(name: str, live: LiveObjects) -> list[Any]:
    """Return the collected objects of a type by its name; types are few, and asked instead of each object."""
    keys = {key for key, of in live.types.items() if kinds.describe_type(of) == name}
    if keys <= live.groups.keys():
        return [thing for key in keys for thing in live.groups[key]]
    return [thing for thing in tracked.objects() if id(type(thing)) in keys]

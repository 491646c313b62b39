"""Explains a metric: who retains what has come since the mark, of which types it is, and which lines allocated it."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from typing import Any, Optional

from . import chains, keepers, packages, resources, roots, shapes
from .answers import Answer, empty
from .enclosure import find_holders
from .engines import Engines
from .population import Population
from .tracing import Tracing
from .walk import Walk

MOST_SAMPLES = 20
MOST_ENTRIES = 5000


class Explainer:
    """Explains metrics, given what is known of the mark."""

    def __init__(self, tracing: Tracing, engines: Engines) -> None:
        self._tracing = tracing
        self._engines = engines

    def explain(self, metric: str, owner: Optional[str]) -> Answer:
        """Return the answer to ``explain``."""
        kind, _, name = metric.partition(":")
        if kind in ("heap", "process"):
            is_memory = kind == "process" or name.endswith("_bytes")
            return empty(say_extensions() if is_memory else keepers.note_on_totals())
        population = Population(gc.get_objects())
        if kind in ("task", "thread", "fd"):
            return self._explain_resource(kind, name, population)
        if kind == "type":
            return self._explain_objects(objects_of(name), population)
        return self._explain_containers(find_containers(owner or "", metric, population, self._engines), population)

    def _explain_resource(self, kind: str, name: str, population: Population) -> Answer:
        if kind == "task":
            return resources.explain_tasks(name, population, self._tracing)
        if kind == "thread":
            return resources.explain_threads(name, self._tracing)
        return resources.explain_fds(name, population, self._tracing)

    def _explain_containers(self, containers: list[Any], population: Population) -> Answer:
        if not containers:
            return empty("No container stands under this name now.")
        entries = self._new_entries(containers)
        largest = max(containers, key=lambda each: shapes.count_entries(each) or 0)
        chain = chains.find_chain([largest], population)
        retainers = chains.tell(chain) if chain else [chains.describe(largest)]
        if entries:
            retainers.append(f"[*]: {chains.describe(entries[-1])}")
        types = Counter(shapes.describe_type(type(entry)) for entry in entries)
        note = keepers.note_on_entries(entries) if chain else keepers.note_on_cycle([largest])
        within = self._holders([each for each in containers if self._tracing.is_new(each)], population)
        return {
            "retainers": retainers,
            "types": dict(types),
            "sites": self._tracing.sites(entries),
            "note": note,
            "within": within,
        }

    def _new_entries(self, containers: list[Any]) -> list[Any]:
        """Return the entries that came since the mark: all of a new container, of an old one those behind its old end.

        Where entries are atoms, their addresses say little; then the order of insertion does.
        """
        entries: list[Any] = []
        for container in containers:
            kind = shapes.kind_of_type(type(container))
            if kind == shapes.CACHE:  # which shows its entries to nobody
                continue
            held = shapes.entries_of(container, kind)
            grown = shapes.size_of(container, kind) - self._tracing.size_at_mark(container)
            is_ordered = kind != shapes.SET
            entries.extend(held[-grown:] if is_ordered and grown > 0 else filter(self._tracing.is_new, held[:grown]))
            if len(entries) > MOST_ENTRIES:
                break
        return entries[:MOST_ENTRIES]

    def _explain_objects(self, things: list[Any], population: Population) -> Answer:
        new = [thing for thing in things if self._tracing.is_new(thing)]
        samples = (new or things)[-MOST_SAMPLES:]
        if not samples:
            return empty("No object of this type lives now.")
        chain = chains.find_chain(samples, population)
        types = {shapes.describe_type(type(samples[0])): len(new)}
        retainers = chains.tell(chain) if chain else [chains.describe(samples[-1])]
        return {
            "retainers": retainers,
            "types": types,
            "sites": self._tracing.sites(new),
            "note": keepers.note_on(chain, samples),
            "within": self._holders(new, population) if new else None,
        }

    def _holders(self, new: list[Any], population: Population) -> list[str]:
        """Return the owner paths of all containers that keep what came since the mark, over a few steps.

        None for a container that was there before: it grows by itself, whatever it is kept in.
        """
        if not new:
            return []
        walk = Walk(names=self._engines.names())
        self._engines.claim(walk.seen)
        survey = roots.Survey(walk, population)
        survey.of_application()
        survey.of_libraries()
        return find_holders(new[-MOST_SAMPLES:], walk.names or {}, self._tracing.is_new)


def say_extensions() -> str:
    """Say which modules of C code the target has loaded that are not Python's own, `ctypes` aside, which calls any."""
    foreign = {name.partition(".")[0] for name in packages.extension_modules()}
    loaded = sorted(foreign | ({"ctypes"} & set(sys.modules)))
    return f"C code in the process besides Python's own: {', '.join(loaded)}." if loaded else ""


def find_containers(owner: str, metric: str, population: Population, engines: Engines) -> list[Any]:
    """Return the containers that stand under an owner path, or under a label of the Socket.IO library."""
    if metric.startswith("library:"):
        return engines.containers(metric.partition(":")[2])
    walk = Walk(wanted=[owner])
    engines.claim(walk.seen)
    survey = roots.Survey(walk, population)
    survey.of_application()
    survey.of_libraries()
    found = walk.found.get(owner)
    return (found.containers or []) if found else []


def objects_of(name: str) -> list[Any]:
    """Return the collected objects of a type by its name."""
    return [thing for thing in gc.get_objects() if shapes.describe_type(type(thing)) == name]

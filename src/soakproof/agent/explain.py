"""Explains a metric: who retains what has come since the mark, of which types it is, and which lines allocated it."""

from __future__ import annotations

import gc
import os
import sys
import types
from collections import Counter
from collections.abc import Iterable
from typing import Any, Optional

from . import chains, counts, frames, roots, shapes, sources
from .engines import Engines
from .population import Population
from .tracing import Tracing
from .walk import Walk

MOST_SAMPLES = 20
MOST_ENTRIES = 5000
MOST_SITES = 8
FROZEN_BY_PYTHON = 1000  # a few hundred objects of its own, from 3.12 on

Answer = dict[str, Any]


class Explainer:
    """Explains metrics, given what is known of the mark."""

    def __init__(self, tracing: Tracing, engines: Engines) -> None:
        self._tracing = tracing
        self._engines = engines

    def explain(self, metric: str, owner: Optional[str]) -> Answer:
        """Return the answer to ``explain``."""
        kind, _, name = metric.partition(":")
        population = Population(gc.get_objects())
        if owner or kind in ("registry", "container", "library"):
            containers = find_containers(owner or "", metric, population, self._engines)
            return self._explain_containers(containers, population)
        if kind == "type":
            return self._explain_objects(objects_of(name), population)
        if kind == "task":
            return self._explain_tasks(name, population)
        if kind == "thread":
            return explain_threads(name)
        if kind == "fd":
            return self._explain_fds(name, population)
        return empty("Only a count of the whole process; see the containers and types that grew with it.")

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
        note = None if chain else "No module, frame or task leads to it: it is part of a cycle, or held outside Python."
        return {"retainers": retainers, "types": dict(types), "sites": self._sites(entries), "note": note}

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
        return {"retainers": retainers, "types": types, "sites": self._sites(new), "note": note_on(chain, samples)}

    def _explain_tasks(self, name: str, population: Population) -> Answer:
        tasks = [task for task in counts.tasks_in(population) if name in ("total", counts.task_name(task))]
        new = [task for task in tasks if self._tracing.is_new(task)] or tasks
        if not new:
            return empty("No such task is pending now.")
        coroutine = counts.coroutine_of(new[-1])
        retainers = [f"task {counts.task_name(new[-1])}", *map(chains.describe, awaited_by(coroutine))]
        note = f"The task is pending: {retainers[-1]}."
        return {
            "retainers": retainers,
            "types": dict(Counter(map(counts.task_name, new))),
            "sites": self._sites([counts.coroutine_of(task) for task in new]),
            "note": note,
        }

    def _explain_fds(self, name: str, population: Population) -> Answer:
        new = [
            (fd, target)
            for fd, target in counts.open_fds(set())
            if self._tracing.is_new_fd(fd, target) and name in ("total", counts.kind_of_fd(target))
        ]
        if not new:
            return empty("No such descriptor was opened since the mark.")
        owners = owners_of_fds({fd for fd, _ in new}, population)
        chain = chains.find_chain(owners[-MOST_SAMPLES:], population) if owners else None
        retainers = [*(chains.tell(chain) if chain else []), f"fd {new[-1][0]}: {new[-1][1]}"]
        types = Counter(counts.kind_of_fd(target) for _, target in new)
        note = None if owners else "No Python socket or file holds it: it was opened by os.open, or outside Python."
        return {"retainers": retainers, "types": dict(types), "sites": self._sites(owners), "note": note}

    def _sites(self, things: Iterable[Any]) -> list[dict[str, Any]]:
        """Return the lines that allocated these things, the most frequent first; empty when nothing was traced."""
        number: Counter[sources.Line] = Counter()
        size: Counter[sources.Line] = Counter()
        for thing in things:
            line = self._tracing.site_of(thing)
            if line is not None:
                number[line] += 1
                size[line] += shapes.own_bytes(thing)
        return [
            {**sources.describe_line(line), "count": count, "bytes": size[line]}
            for line, count in number.most_common(MOST_SITES)
        ]


def empty(note: str) -> Answer:
    """Return an answer that only says why there is nothing to tell."""
    return {"retainers": [], "types": {}, "sites": [], "note": note}


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


def note_on(chain: Optional[list[Any]], samples: list[Any]) -> Optional[str]:
    """Return one sentence on what is remarkable about a chain of retainers."""
    if chain is None:
        return note_on_cycle(samples)
    holders = chain[-2::-1]
    error = next((thing for thing in holders if shapes.is_of(thing, BaseException)), None)
    if error is not None:
        return f"Kept by the traceback of {chains.describe_exception(error).partition(' ')[2]}."
    for thing in holders:
        if frames.code_of(thing) is not None:
            return f"Kept by the locals of {chains.describe(thing)}."
        if type(thing) is types.CellType:
            return "Kept by the closure of a function."
    return None


def note_on_cycle(samples: list[Any]) -> str:
    """Return one sentence on objects to which no root leads."""
    if not gc.isenabled():
        return "A reference cycle that the collector does not free: gc is disabled."
    if gc.get_freeze_count() > FROZEN_BY_PYTHON or not any(map(gc.is_tracked, samples)):
        return "A reference cycle that the collector does not free: objects are frozen (gc.freeze)."
    return "No module, frame or task leads to it: it is held outside Python, or awaits collection."


def awaited_by(coroutine: Any) -> list[Any]:
    """Return the coroutines a coroutine waits through, outermost first."""
    chain: list[Any] = []
    while coroutine is not None and frames.code_of(coroutine) is not None and len(chain) < MOST_SAMPLES:
        chain.append(coroutine)
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
    return chain


def explain_threads(name: str) -> Answer:
    """Say where threads of a name stand."""
    running = sys._current_frames()
    places: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for ident, thread in counts.known_threads():
        if name in ("total", counts.strip_digits(thread)) and ident in running:
            names[thread] += 1
            places[stands_at(running[ident])] += 1
    if not names:
        return empty("No thread that Python knows has this name now.")
    place, count = places.most_common(1)[0]
    total = {counts.strip_digits(each): 0 for each in names}
    for each, number in names.items():
        total[counts.strip_digits(each)] += number
    note = f"{count} of {sum(names.values())} stand at {place}."
    return {"retainers": [f"thread {names.most_common(1)[0][0]}", place], "types": total, "sites": [], "note": note}


def stands_at(frame: Any) -> str:
    """Return the line at which a frame stands, of the application's nearest frame if there is one."""
    stack = []
    while frame is not None:
        stack.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    file, line = sources.attribute_to_line(stack)
    return f"{os.path.basename(file)}:{line} in {sources.function_at(file, line)}"  # noqa: PTH119 -- no pathlib


def owners_of_fds(fds: set[int], population: Population) -> list[Any]:
    """Return the Python sockets and files behind descriptors."""
    import _io
    import _socket

    owners: list[Any] = []
    for base in (_socket.socket, _io.FileIO):
        for key, things in population.groups.items():
            if shapes.has_base(population.types[key], base):
                owners.extend(thing for thing in things if fileno_of(base, thing) in fds)
    return owners


def fileno_of(base: Any, thing: Any) -> int:
    """Return the descriptor of a socket or file, -1 when it is closed."""
    try:
        number: int = base.fileno(thing)
    except ValueError:
        return -1
    return number

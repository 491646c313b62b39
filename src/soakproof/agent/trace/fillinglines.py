"""Which line fills a container: its size is compared before and after every line of the application that runs.

tracemalloc sees what is allocated, and a dict of atoms grows at ``SEEN[sid] = 1`` with next to nothing allocated. So
for a small wave the followed containers are measured at each line: what has grown since the line before, in the same
thread, was filled by the line before. Lines are watched by `sys.monitoring` (PEP 669), before Python 3.12 by trace
functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Optional, Union

from ..census import watched
from ..census.heapsnapshot import HeapSnapshot
from ..objects import buffers, kinds
from ..origin import sourcelines, stacks
from ..origin.sourcelines import Line
from ..process.engines import Engines
from . import linetracer
from .eventhandlers import Handlers
from .processprobes import ProcessProbe, process_probe
from .runners import name_runner, stack_ident

MOST_ENTRIES = 1000
NEWEST = 50  # of many containers under one path, those made last are watched: it is they that fill


class Probe:
    """Measures one owner path: its containers, or the newest of them while others come and go."""

    def __init__(self, owner: str, containers: list[Any], base: Optional[Any]) -> None:
        self.owner = owner
        self.lines: Counter[Line] = Counter()
        self.events: Counter[str] = Counter()
        self._containers = containers[-NEWEST:]
        self._base = base
        self._base_size = -1
        self._sizes: dict[int, int] = {}
        self.measure()

    def measure(self) -> int:
        """Return by how many entries the containers have grown since the last time; what shrinks counts 0."""
        has_lost = self._renew() < 0
        before, self._sizes = self._sizes, {id(each): kinds.count_entries(each) or 0 for each in self._containers}
        if has_lost:  # an older container may have moved up into sight, and has not grown for that
            return 0
        return sum(max(0, size - before.get(key, 0)) for key, size in self._sizes.items())

    def _renew(self) -> int:
        """Look for new containers when their holder has changed; return by how much it has grown."""
        if self._base is None:
            return 0
        size = kinds.count_entries(self._base) or 0
        grown, self._base_size = size - self._base_size, size
        if grown:
            newest = kinds.entries_of(self._base, kinds.kind_of_type(type(self._base)))[-NEWEST:]
            self._containers = [each for each in newest if kinds.count_entries(each) is not None]
        return grown


class EmptyingProbe(Probe):
    """Measures how much the containers of one owner path lose."""

    def __init__(self, owner: str, containers: list[Any], base: Optional[Any]) -> None:
        self.by: Counter[str] = Counter()
        self._held = 0
        super().__init__(owner, containers, base)

    def measure(self) -> int:
        """Return by how many entries the containers have shrunk since the last time; what grows counts 0."""
        self._renew()
        before, self._held = self._held, sum(kinds.count_entries(each) or 0 for each in self._containers)
        return max(0, before - self._held)


class BufferProbe(ProcessProbe):
    """Measures the buffers of one owner path; a text is another object whenever it has grown."""

    def measure(self) -> int:
        """Return by how many bytes the buffers have grown since the last time; what shrinks counts 0."""
        return max(0, super().measure())


def buffer_reader(owner: str, found: list[Any], bases: list[Any]) -> Callable[[], float]:
    """Return a function that reads the bytes of the buffers under a path: anew by its names, or among the entries.

    Of files in memory it reads how far they are written: a line that adds a little makes their memory seldom grow.
    """
    if buffers.are_files(found):
        files = found[-NEWEST:]
        return lambda: sum(map(buffers.bytes_before, files))
    try:
        return watched.reader_of(owner)[0]
    except ValueError:
        if len(bases) == 1 and owner.endswith("[*]"):
            return lambda: bytes_in(bases[0])
        newest = found[-NEWEST:]
        return lambda: sum(buffers.bytes_of(each) or 0 for each in newest)


def copied_probe(owner: str) -> Optional[BufferProbe]:
    """Return what measures tuples or frozen sets, which are read anew by their names; None where these do not lead."""
    try:
        return BufferProbe(owner, watched.reader_of(owner)[0])
    except ValueError:
        return None


def bytes_in(container: Any) -> int:
    """Return the bytes of the buffers among the newest entries of a container."""
    kind = kinds.kind_of_type(type(container))
    held = kinds.entries_of(container, kind)[-MOST_ENTRIES:] if kind != kinds.CACHE else []
    return sum(buffers.bytes_of(each) or 0 for each in held)


if TYPE_CHECKING:  # typing would remember the union, and with it the agent, in a process that it has left
    AnyProbe = Union[Probe, BufferProbe, ProcessProbe]


class Follower:
    """Follows containers and buffers for a small wave."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._probes: list[AnyProbe] = []
        self._last: dict[int, Line] = {}
        self._tracer: Optional[linetracer.Tracer] = None
        self._handlers = Handlers(engines)
        self._beneath: frozenset[Line] = frozenset()
        self._empties = False

    def follow(self, owners: list[str], *, empties: bool = False) -> dict[str, Any]:
        """Begin, with ``empties`` to note what shrinks; return which owners are followed, and which are not found.

        Nothing is measured until all is watched: what watching takes up is no line's.
        """
        self.finish()
        self._empties = empties
        self._beneath = stacks.lines_beneath_loops()
        snapshot = HeapSnapshot([*owners, *map(base_of, owners)], self._engines)
        probes, missing = [], []
        for owner in owners:
            probe = (None if empties else process_probe(owner)) or self._probe(owner, snapshot)
            if probe is None:
                missing.append(owner)
            else:
                probes.append(probe)
        self._handlers = Handlers(self._engines)
        if probes or not self._handlers.is_empty:
            self._tracer = linetracer.make_tracer(
                self.at_line, self.at_exit, self._handlers.note_error, self._packages(owners)
            )
            self._tracer.start()
        for probe in probes:
            probe.measure()
        self._probes = probes
        return {"followed": [probe.owner for probe in probes], "missing": missing}

    def _probe(self, owner: str, snapshot: HeapSnapshot) -> Optional[AnyProbe]:
        label = self._engines.label_of(owner)
        containers = snapshot.containers(owner, f"library:{label}" if label else owner)
        found = snapshot.buffers(owner)
        if containers and all(kinds.kind_of_type(type(each)) == kinds.TUPLE for each in containers):
            return None if self._empties else copied_probe(owner)
        if found and not containers:
            if self._empties:
                return None
            return BufferProbe(owner, buffer_reader(owner, found, snapshot.containers(base_of(owner), owner)))
        base = None
        if owner != base_of(owner):
            bases = snapshot.containers(base_of(owner), owner)
            base = bases[0] if len(bases) == 1 else None
        kind = EmptyingProbe if self._empties else Probe
        return kind(owner, containers, base) if containers or base is not None else None

    def _packages(self, owners: list[str]) -> frozenset[str]:
        """Return the top-level packages of followed owners that are a library's: there, lines of the library count."""
        return frozenset(owner.partition(":")[0].partition(".")[0] for owner in owners)

    def at_line(self, line: Line, frame: Any) -> None:
        """Note what has grown since the line before, and that this line runs next."""
        ident = stack_ident()
        self._handlers.note_line(frame)
        self._credit(self._last.get(ident), frame)
        self._last[ident] = line

    def at_exit(self, frame: Any) -> None:
        """Note what the last line of a function has filled; what runs next is its caller's line, or anybody's."""
        ident = stack_ident()
        self._handlers.note_exit(frame)
        self._credit(self._last.pop(ident, None), frame)
        caller = frame.f_back
        if caller is not None and sourcelines.is_application_file(caller.f_code.co_filename):
            self._last[ident] = (caller.f_code.co_filename, caller.f_lineno)

    def _credit(self, line: Optional[Line], frame: Any) -> None:
        for probe in self._probes:
            grown = probe.measure()
            if grown and line is not None:
                probe.lines[nearest_line(line, frame, self._beneath)] += grown
                event = self._handlers.event_of(frame)
                if event is not None:
                    probe.events[event] += grown
                if isinstance(probe, EmptyingProbe):
                    probe.by[name_runner(frame, event)] += grown

    def finish(self) -> dict[str, Any]:
        """End, and return of each owner the lines and events that filled it, the busiest first, and what was raised."""
        probes, self._probes = self._probes, []  # first: what it takes to stop is no line's
        if self._tracer is not None:
            self._tracer.stop()
        self._tracer = None
        self._last = {}
        owners = {
            probe.owner: [
                {**sourcelines.describe_line(line), "count": count} for line, count in probe.lines.most_common(8)
            ]
            for probe in probes
        }
        events = {probe.owner: dict(probe.events.most_common()) for probe in probes}
        by = {probe.owner: dict(probe.by.most_common()) for probe in probes if isinstance(probe, EmptyingProbe)}
        raised, self._handlers = self._handlers.raised(), Handlers(self._engines)
        return {"owners": owners, "events": events, "by": by, "raised": raised}


def nearest_line(line: Line, frame: Any, beneath: frozenset[Line]) -> Line:
    """Return the line itself if it is the application's, else the nearest on the stack that says more."""
    if sourcelines.is_application_file(line[0]):
        return line
    return sourcelines.attribute_to_line([line, *stacks.lines_from(frame)], beneath)


def base_of(owner: str) -> str:
    """Return the owner path of the container whose entries an owner path stands for, or the path itself."""
    return owner.removesuffix("[*]")

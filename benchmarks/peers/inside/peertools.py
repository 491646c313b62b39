"""The other tools, each used as its documentation shows: a first reading at rest, a second after the load, the growth.

``report`` returns what the tool puts first, five lines at most, as it says it: ``file:line`` where it tells lines
(several to a stack), else the name of a type, and what came on.
"""

import gc
import os
import tempfile

FIRST = 5
OWN = os.path.dirname(os.path.abspath(__file__))


class Bare:
    """No tool at all: what the server needs by itself."""

    def begin(self):
        """Do nothing."""

    def report(self):
        """Say nothing."""


class Tracemalloc:
    """Python's own: the difference of two snapshots, by line."""

    def begin(self):
        """Trace from now on."""
        import tracemalloc

        tracemalloc.start()
        gc.collect()
        self.first = tracemalloc.take_snapshot()

    def report(self):
        """Return the lines that grew most."""
        import tracemalloc

        gc.collect()
        ignored = [tracemalloc.Filter(False, path) for path in (f"{OWN}/*", tracemalloc.__file__)]  # noqa: FBT003
        last, first = tracemalloc.take_snapshot().filter_traces(ignored), self.first.filter_traces(ignored)
        grown = last.compare_to(first, "lineno")[:FIRST]
        return [f"{each.traceback[0].filename}:{each.traceback[0].lineno} {each.size_diff:+} B" for each in grown]


class Memray:
    """memray's tracker, Python's own allocators included as its documentation advises for leaks, by place.

    As in its table of leaks; of each place the stack that keeps the most stands for all.
    """

    def begin(self):
        """Track from now on."""
        import memray

        self.path = os.path.join(tempfile.mkdtemp(), "memray.bin")
        self.tracker = memray.Tracker(self.path, trace_python_allocators=True)
        self.tracker.__enter__()

    def report(self):
        """Return the places that keep the most, each with a stack, innermost first."""
        import memray

        gc.collect()
        self.tracker.__exit__(None, None, None)
        with memray.FileReader(self.path) as reader:
            leaked = sorted(reader.get_leaked_allocation_records(merge_threads=True), key=lambda record: record.size)
            stacks = {place_of(record): say_stack(record) for record in leaked}
            sizes = dict.fromkeys(stacks, 0)
            for record in leaked:
                sizes[place_of(record)] += record.size
            first = sorted(sizes, key=lambda place: -sizes[place])[:FIRST]
            return [f"{stacks[place]} {sizes[place]:+} B" for place in first]


def place_of(record):
    """Return where an allocation was made."""
    return next(iter(record.stack_trace()), ("", "", 0))


def say_stack(record):
    """Return a stack as places, innermost first."""
    return " < ".join(f"{file}:{line}" for _, file, line in record.stack_trace()[:30])


class Objgraph:
    """objgraph's growth: by type, how many more."""

    def begin(self):
        """Count once."""
        import objgraph

        self.peaks = {}
        objgraph.growth(limit=None, peak_stats=self.peaks)

    def report(self):
        """Return the types that grew most."""
        import objgraph

        return [f"{name} {delta:+}" for name, _, delta in objgraph.growth(limit=FIRST, peak_stats=self.peaks)]


class Pympler:
    """Pympler's summary of all objects, and its difference."""

    def begin(self):
        """Sum up once."""
        from pympler import muppy, summary

        gc.collect()
        self.first = summary.summarize(muppy.get_objects())

    def report(self):
        """Return the types that grew most in bytes."""
        from pympler import muppy, summary

        gc.collect()
        grown = summary.get_diff(self.first, summary.summarize(muppy.get_objects()))
        grown.sort(key=lambda row: -row[2])
        return [f"{name} {count:+} {size:+} B" for name, count, size in grown[:FIRST]]


class Guppy:
    """guppy3's heap relative to the first look."""

    def begin(self):
        """Look once."""
        from guppy import hpy

        self.hpy = hpy()
        self.hpy.setrelheap()

    def report(self):
        """Return the kinds that take the most."""
        gc.collect()
        rows = str(self.hpy.heap()).splitlines()
        kept = [row for row in rows if row.strip()[:1].isdigit()][:FIRST]
        return [" ".join(row.split()[7:]) or row for row in kept]


TOOLS = {
    "bare": Bare,
    "tracemalloc": Tracemalloc,
    "memray": Memray,
    "objgraph": Objgraph,
    "Pympler": Pympler,
    "guppy3": Guppy,
}

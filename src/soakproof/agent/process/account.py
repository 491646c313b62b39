"""Where the memory of this process lies: every page of its RSS, by who has it, and what of that is in use.

The pages are counted by mapping (proc(5), smaps). Malloc's heaps are the mapping ``[heap]`` and those of glibc's
further arenas, which begin at multiples of 64 MiB and are followed by what they may yet grow into (malloc/arena.c of
glibc, on 64 bits); a thread's stack follows a guard page. What is left of anonymous memory is pymalloc's arenas as far
as pymalloc says, then what malloc maps one by one, then other. So the parts add up to RSS, and where one is misjudged
it is for another of these three.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import NamedTuple

from . import libc, pymalloc

SMAPS = "/proc/self/smaps"
MEMORY = "/proc/self/mem"
HEAP_BYTES = 64 << 20
LARGEST_GUARD_BYTES = 1 << 20
USUAL_STACK_BYTES = 8 << 20
_WORD_BYTES = 8  # as on all 64 bits, where alone heaps are found by their addresses
_NAMED = (
    ("[heap]", "heap"),
    ("[stack", "stacks"),
    ("/dev/shm/", "shared"),  # noqa: S108 -- looked at, not made
    ("/memfd:", "shared"),
    ("/SYSV", "shared"),
    ("/dev/zero", "shared"),
)
_KIB = 1024


class Mapping(NamedTuple):
    """One mapping: its addresses, whether anything may be done with it, what it is of, and its bytes in RAM."""

    start: int
    end: int
    is_open: bool
    name: str
    resident: int


def read(blocks: dict[int, int]) -> dict[str, float]:
    """Return the parts of RSS in bytes, given how many blocks of each size pymalloc has in use.

    ``python_in_use`` and ``python_free``: pymalloc's arenas; ``heap_in_use`` and ``heap_free``: malloc's; ``mapped``:
    what malloc maps one by one; ``stacks``, ``files``, ``shared``, ``other``. Beside them ``rss``, their sum;
    ``elsewhere``, by how much anonymous memory is more than the arenas and mappings that the allocators tell of, less
    than nothing as long as pages of these were never touched: its growth is C code's own; and ``arenas`` and
    ``thread_stacks``, which are numbers. Empty where the system does not say.
    """
    parts, numbers = _add_up(list(_mappings()))
    rss = sum(parts.values())
    in_heaps, mapped = libc.in_heaps_and_mapped() or (parts["heap"], 0)  # where nobody says, none is called free
    given_out, kept = libc.elsewhere()
    elsewhere = parts["other"] - pymalloc.arena_bytes() - mapped - kept
    python = min(parts["other"], pymalloc.arena_bytes())
    python_in_use = min(python, sum(size * count for size, count in blocks.items()))
    mapped = min(parts["other"] - python, mapped)
    kept = min(parts["other"] - python - mapped, kept)
    heap = parts["heap"] + kept
    heap_in_use = min(heap, in_heaps + given_out)
    told = {
        "rss": rss,
        "python_in_use": python_in_use,
        "python_free": python - python_in_use,
        "heap_in_use": heap_in_use,
        "heap_free": heap - heap_in_use,
        "mapped": mapped,
        "stacks": parts["stacks"],
        "files": parts["files"],
        "shared": parts["shared"],
        "other": parts["other"] - python - mapped - kept,
        "elsewhere": elsewhere,
        "arenas": numbers["heap"],
        "thread_stacks": numbers["stacks"],
    }
    return {name: float(value) for name, value in told.items()} if rss else {}


def _add_up(mappings: "list[Mapping]") -> "tuple[dict[str, int], dict[str, int]]":
    """Return the resident bytes of each kind of mapping, and how many there are of each."""
    parts = dict.fromkeys(("heap", "stacks", "files", "shared", "other"), 0)
    numbers = dict.fromkeys(parts, 0)
    for before, mapping, after in zip([None, *mappings], mappings, [*mappings[1:], None]):  # noqa: B905 -- as elsewhere
        kind = _kind_of(before, mapping, after)
        numbers[kind] += 1
        parts[kind] += mapping.resident
    return parts, numbers


def _kind_of(before: "Mapping | None", mapping: Mapping, after: "Mapping | None") -> str:
    """Return which part a mapping belongs to."""
    if mapping.name and not mapping.name.startswith("[anon"):
        named = [kind for start, kind in _NAMED if mapping.name.startswith(start)]
        return named[0] if named else "files"
    if mapping.is_open and mapping.start % HEAP_BYTES == 0 and _fills_a_heap(mapping, after):
        return "heap"
    return "stacks" if mapping.is_open and before is not None and _is_guarded(before, mapping) else "other"


def _is_guarded(before: Mapping, mapping: Mapping) -> bool:
    """Whether a thread's stack may begin there: behind a guard of a few pages, or what such a guard was merged with."""
    if before.is_open or before.end != mapping.start:
        return False
    return before.end - before.start <= LARGEST_GUARD_BYTES or mapping.end - mapping.start <= USUAL_STACK_BYTES


def _fills_a_heap(mapping: Mapping, after: "Mapping | None") -> bool:
    """Whether it takes up the room of a heap of malloc's, alone or with what it may yet grow into."""
    end = mapping.start + HEAP_BYTES
    if mapping.end == end:
        return says_heap_is_full(mapping.start)
    return after is not None and not after.is_open and after.start == mapping.end and after.end == end


def says_heap_is_full(start: int) -> bool:
    """Whether a heap begins there that has grown into all of its room, by its first words (`heap_info` of arena.c).

    What C code maps may fill the room between two heaps from end to end, too. The words are read from the file of the
    process' memory, where an address that is no more is an error; a heap it is where that file may not be read.
    """
    try:
        memory = os.open(MEMORY, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        told = os.pread(memory, 4 * _WORD_BYTES, start)
    except OSError:
        return False
    finally:
        os.close(memory)
    size, writable = (told[at * _WORD_BYTES :][:_WORD_BYTES] for at in (2, 3))
    return HEAP_BYTES in (int.from_bytes(size, sys.byteorder), int.from_bytes(writable, sys.byteorder))


def _mappings() -> Iterator[Mapping]:
    """Yield the mappings in the order of their addresses; none where they cannot be read."""
    head: list[str] = []
    try:
        with open(SMAPS, encoding="utf-8", errors="replace") as stream:  # noqa: PTH123 -- no pathlib in the target
            for line in stream:
                if line.startswith("Rss:") and head:
                    start, end = (int(each, 16) for each in head[0].split("-"))
                    name = head[5].strip() if len(head) > 5 else ""  # noqa: PLR2004 -- fields of a mapping's line
                    yield Mapping(start, end, not head[1].startswith("---"), name, int(line.split()[1]) * _KIB)
                elif line[:1] in "0123456789abcdef":
                    head = line.split(None, 5)
    except OSError:
        return

"""pymalloc's blocks in use by size class: exact, and read in microseconds.

`_PyObject_DebugMallocStats`, which is behind `sys._debugmallocstats`, walks the headers of pymalloc's pools. It is
called with the GIL held, prints into a stream of memory, and takes no block itself. Where another allocator stands in
pymalloc's place (PYTHONMALLOC=malloc, mimalloc of a free-threaded build) there are no classes and nothing is said.

A type's cache of attribute look-ups keeps the name of each look-up alive, 4,096 in all. Names that a server makes anew
for each request (``getattr(self, "_upgrade_" + transport)``) come and go in there by tens from one rest point to the
next, so the cache is emptied before blocks are counted, or filled with the agent's own; it fills again by itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, Optional

from . import foreign, lookups

ALIGNMENT = 16
LARGEST = 512
COLUMNS = 5  # class, size, pools, blocks in use, blocks that are free
CLEARS_NAMES_ALONE = (3, 11)  # earlier versions start over with the versions of types as well, which others rely on

_functions: Optional["_Functions"] = None
_is_loaded = False


class _Functions:
    """What is called of the interpreter and of the C library."""

    def __init__(self, ctypes: Any) -> None:
        library = ctypes.PyDLL(None)  # which keeps the GIL: no thread of the target allocates meanwhile
        pointer = ctypes.c_void_p
        self.print_stats = library._PyObject_DebugMallocStats
        self.open_stream, self.close_stream, self.free = library.open_memstream, library.fclose, library.free
        self.print_stats.argtypes = self.close_stream.argtypes = self.free.argtypes = [pointer]
        self.open_stream.argtypes, self.open_stream.restype = [pointer, pointer], pointer
        clears = sys.version_info >= CLEARS_NAMES_ALONE
        self.forget_names = library.PyType_ClearCache if clears else lookups.Lookups().overwrite
        self.text, self.size = pointer(), ctypes.c_size_t()
        self.at = ctypes.byref(self.text), ctypes.byref(self.size)
        self.string_at = ctypes.string_at

    def stats(self) -> bytes:
        """Return what the allocator prints of itself, empty where there is no memory for it."""
        stream = self.open_stream(*self.at)
        if not stream:
            return b""
        self.print_stats(stream)
        self.close_stream(stream)
        printed: bytes = self.string_at(self.text, self.size.value)
        self.free(self.text)
        return printed


def load() -> None:
    """Find the functions; where one is missing, or pymalloc is not what allocates, the others do nothing."""
    global _functions, _is_loaded  # noqa: PLW0603 -- loaded once a process
    if _is_loaded:
        return
    _is_loaded = True
    if not sys.getallocatedblocks() or not getattr(sys, "_is_gil_enabled", _has_gil)():
        return
    ctypes = foreign.load()
    if ctypes is None:
        return
    try:
        found = _Functions(ctypes)
        _functions = found if parse(found.stats()) else None
    except (OSError, AttributeError):
        return


def _has_gil() -> bool:
    return True


def forget_names() -> None:
    """Empty the types' cache of attribute look-ups, which holds on to the names that were looked up."""
    if _functions is not None:
        _functions.forget_names()


def blocks_in_use() -> dict[int, int]:
    """Return how many blocks of each size, in bytes, are in use; empty where pymalloc cannot say."""
    return parse(_functions.stats()) if _functions is not None else {}


def arena_bytes() -> int:
    """Return how many bytes pymalloc has taken from the system in arenas, 0 where it cannot say."""
    return parse_arenas(_functions.stats()) if _functions is not None else 0


def parse_arenas(printed: bytes) -> int:
    """Return the bytes of all arenas, from a line like ``3 arenas * 1048576 bytes/arena = 3,145,728``."""
    for line in printed.splitlines():
        if b" bytes/arena" in line:
            total = line.rpartition(b"=")[2].strip().replace(b",", b"")
            return int(total) if total.isdigit() else 0
    return 0


def parse(printed: bytes) -> dict[int, int]:
    """Return blocks in use by size, from the table of size classes in what the allocator prints."""
    found: dict[int, int] = {}
    for line in printed.splitlines():
        words = line.split()
        if len(words) == COLUMNS and all(map(bytes.isdigit, words)):
            found[int(words[1])] = int(words[3])
        elif found:
            break
    return found


def add_blocks(sizes: dict[int, int], atoms: Iterable[object]) -> None:
    """Add to the blocks by size those that atoms take: numbers and texts, which pymalloc gives one each if small."""
    for atom in atoms:
        size = -(-sys.getsizeof(atom) // ALIGNMENT) * ALIGNMENT
        if size <= LARGEST:
            sizes[size] = sizes.get(size, 0) + 1

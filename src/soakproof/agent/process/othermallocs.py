"""An allocator in malloc's place, preloaded or linked, and what it says of itself.

glibc's own functions go on answering beside it, of memory that hardly anybody takes: its bytes in use stand still
whatever the process leaks. Sources: jemalloc(3), mallctl and its ``stats``; gperftools, ``MallocExtension`` (C
interface in malloc_extension_c.h); mimalloc, mimalloc.h. mimalloc tells of its own memory nothing that is in use.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

_ALL_ARENAS = 4096  # MALLCTL_ARENAS_ALL of jemalloc 5


class Told(NamedTuple):
    """Bytes that the allocator has given out, and those that it keeps in RAM, free ones among them."""

    in_use: int
    resident: int


class Jemalloc:
    """Says all, once it is asked to count anew."""

    name = "jemalloc"

    def __init__(self, ctypes: Any, library: Any) -> None:
        self._ctypes = ctypes
        self._mallctl = library.mallctl
        self._mallctl.restype = ctypes.c_int
        self._mallctl.argtypes = [ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]

    def read(self) -> Optional[Told]:
        """Return what it says; None of one that was built without its statistics."""
        epoch = self._ctypes.c_uint64(1)
        if self._mallctl(b"epoch", None, None, self._ctypes.addressof(epoch), self._ctypes.sizeof(epoch)):
            return None
        in_use, resident = self._get(b"stats.allocated"), self._get(b"stats.resident")
        return None if in_use is None or resident is None else Told(in_use, resident)

    def trim(self) -> None:
        """Give free memory back to the system."""
        self._mallctl(b"arena.%d.purge" % _ALL_ARENAS, None, None, None, 0)

    def _get(self, name: bytes) -> Optional[int]:
        value = self._ctypes.c_size_t(0)
        size = self._ctypes.c_size_t(self._ctypes.sizeof(value))
        at = self._ctypes.addressof
        return None if self._mallctl(name, at(value), at(size), None, 0) else int(value.value)


class Tcmalloc:
    """Has a number for each of a few names."""

    name = "tcmalloc"

    def __init__(self, ctypes: Any, library: Any) -> None:
        self._ctypes = ctypes
        self._get = library.MallocExtension_GetNumericProperty
        self._get.restype = ctypes.c_int
        self._get.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
        self._release = library.MallocExtension_ReleaseFreeMemory
        self._release.restype = None

    def read(self) -> Optional[Told]:
        """Return what it says; None where it does not know a name."""
        in_use = self._number(b"generic.current_allocated_bytes")
        heap, unmapped = self._number(b"generic.heap_size"), self._number(b"tcmalloc.pageheap_unmapped_bytes")
        return None if in_use is None or heap is None else Told(in_use, heap - (unmapped or 0))

    def trim(self) -> None:
        """Give free memory back to the system."""
        self._release()

    def _number(self, name: bytes) -> Optional[int]:
        value = self._ctypes.c_size_t(0)
        return int(value.value) if self._get(name, self._ctypes.addressof(value)) else None


class Mimalloc:
    """Says nothing of what is in use."""

    name = "mimalloc"

    def __init__(self, _ctypes: Any, library: Any) -> None:
        self._version = library.mi_version

    def read(self) -> Optional[Told]:
        """Return nothing."""
        return None

    def trim(self) -> None:
        """Do nothing: each thread would have to give back its own."""


def find(ctypes: Any, library: Any) -> "Jemalloc | Tcmalloc | Mimalloc | None":
    """Return the allocator that has taken malloc's place; None for the C library's own."""
    for kind in (Jemalloc, Tcmalloc, Mimalloc):
        try:
            return kind(ctypes, library)
        except AttributeError:
            continue
    return None

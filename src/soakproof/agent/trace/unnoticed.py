"""Keeps what the agent allocates while it works out of tracemalloc, which otherwise makes looking ten times as slow.

Where tracemalloc allocates for itself it is off for the thread: as long as there is a value under a key of the
thread's own storage (``tracemalloc_reentrant_key`` in Python/tracemalloc.c of CPython 3.9 to 3.15). The agent puts the
same value there for its own thread, and takes it away when it is done; other threads are traced as ever. The key has no
name outside. It is the one with which an allocation goes untraced: keys that are in use, and have no value in the
agent's thread, are tried for one allocation each.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Optional

from ..process import foreign

MOST_KEYS = 128  # musl has no more, and CPython takes its own early
_TRUE: Any = True  # at the address that tracemalloc stores


class Unnoticed:
    """Finds the key once; ``with`` it, what the calling thread allocates goes untraced."""

    def __init__(self) -> None:
        self._storage: Optional[_Storage] = None
        self._key: Optional[int] = None
        self._is_working = False

    @property
    def is_possible(self) -> bool:
        """Whether what is allocated meanwhile goes untraced."""
        return self._key is not None

    def find(self) -> None:
        """Find the key; call it while allocations are traced, in the thread that is to go unnoticed."""
        ctypes = foreign.load() if sys.implementation.name == "cpython" else None
        if ctypes is None or self.is_possible:
            return
        try:
            self._storage = _Storage(ctypes)
        except (OSError, AttributeError):  # another system's threads
            return
        if is_traced(_Probe()):
            free = (key for key in range(MOST_KEYS) if self._storage.is_free(key))
            self._key = next((key for key in free if self._goes_untraced(self._storage, key)), None)

    def __enter__(self) -> None:
        """Have what this thread allocates go untraced; without the key, it is traced like anything else.

        Nothing is made for it that would be there while the agent looks: its place is the target's soon.
        """
        if self._storage is not None and self._key is not None:
            self._is_working = self._storage.set(self._key)

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        """Be traced again."""
        if self._is_working and self._storage is not None and self._key is not None:
            self._is_working = False
            self._storage.clear(self._key)

    def be_seen(self) -> None:
        """Be traced until `go_on`, to free what was traced: with Python 3.14 its trace would stay."""
        if self._is_working and self._storage is not None and self._key is not None:
            self._storage.clear(self._key)

    def go_on(self) -> None:
        """Go unnoticed again, after what switches tracemalloc off for this thread, and on when it is done."""
        if self._is_working and self._storage is not None and self._key is not None:
            self._storage.set(self._key)

    def _goes_untraced(self, storage: "_Storage", key: int) -> bool:
        if not storage.set(key):
            return False
        try:
            probe = _Probe()
        finally:
            storage.clear(key)
        return not is_traced(probe)


class _Probe:
    __slots__ = ("value",)


class _Storage:
    """The calling thread's own storage (POSIX, ``pthread_setspecific``), with the GIL held."""

    def __init__(self, ctypes: Any) -> None:
        library = ctypes.PyDLL(None)
        self._get, self._set = library.pthread_getspecific, library.pthread_setspecific
        self._get.argtypes, self._get.restype = [ctypes.c_uint], ctypes.c_void_p
        self._set.argtypes, self._set.restype = [ctypes.c_uint, ctypes.c_void_p], ctypes.c_int

    def is_free(self, key: int) -> bool:
        """Whether nothing is stored there."""
        return self._get(key) is None

    def set(self, key: int) -> bool:
        """Store what tracemalloc stores; return whether there is such a key."""
        return bool(self._set(key, id(_TRUE)) == 0)

    def clear(self, key: int) -> None:
        """Store nothing there."""
        self._set(key, None)


def is_traced(thing: object) -> bool:
    """Tell whether tracemalloc has seen the allocation of a thing."""
    import tracemalloc

    return tracemalloc.get_object_traceback(thing) is not None

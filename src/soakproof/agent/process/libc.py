"""What only the allocator can say and do: bytes in use, and giving free memory back (mallinfo2(3), malloc_trim(3))."""

from __future__ import annotations

from typing import Any, Optional

from . import foreign, othermallocs

_GLIBC = "libc.so.6"  # by its name: what is preloaded may answer in its place
_FIELDS = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")

_info_type: Any = None
_mallinfo2: Any = None
_malloc_trim: Any = None
_other: Any = None  # the allocator that has taken its place
_is_loaded = False


def load() -> None:
    """Load the C library; where there is none like glibc, the functions below do nothing."""
    global _info_type, _mallinfo2, _malloc_trim, _other, _is_loaded  # noqa: PLW0603 -- loaded once a process
    if _is_loaded:
        return
    _is_loaded = True
    ctypes = foreign.load()
    if ctypes is None:
        return
    try:
        # PyDLL keeps the GIL: no thread of the target may slip in between two counts.
        _other = othermallocs.find(ctypes, ctypes.PyDLL(None))
        library = ctypes.PyDLL(_GLIBC)
        _malloc_trim = ctypes.CDLL(_GLIBC).malloc_trim
        _info_type = type("Mallinfo2", (ctypes.Structure,), {"_fields_": [(name, ctypes.c_size_t) for name in _FIELDS]})
        _mallinfo2 = library.mallinfo2
        _mallinfo2.restype = _info_type
    except (OSError, AttributeError):
        return


def silent() -> Optional[str]:
    """Return the name of the allocator in malloc's place if it does not say what is in use; else None."""
    return None if _other is None or _other.read() is not None else str(_other.name)


def other() -> Optional[str]:
    """Return the name of the allocator in malloc's place, or beside it; None where there is none."""
    return None if _other is None else str(_other.name)


def trim() -> None:
    """Give free memory back to the system."""
    if _other is not None:
        _other.trim()
    if _malloc_trim is not None:
        _malloc_trim(0)


def in_use_bytes() -> Optional[float]:
    """Return the bytes that malloc has given out (Python's small objects are not among them), None if it cannot say.

    Where there is another allocator both are counted: it may be in malloc's place, or beside it.
    """
    found = in_heaps_and_mapped()
    if _other is None:
        return None if found is None else float(sum(found))
    told = _other.read()
    return None if told is None else float(told.in_use + sum(found or ()))


def in_heaps_and_mapped() -> Optional[tuple[int, int]]:
    """Return the bytes in use in glibc's heaps, of all arenas, and those that it mapped one by one; else None."""
    if _mallinfo2 is None:
        return None
    info = _mallinfo2()
    return info.uordblks, info.hblkhd


def elsewhere() -> tuple[int, int]:
    """Return the bytes that another allocator has given out, and those that it keeps in RAM; none if it cannot say."""
    told = None if _other is None else _other.read()
    return (0, 0) if told is None else (told.in_use, told.resident)

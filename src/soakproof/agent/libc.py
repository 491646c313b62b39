"""What only the C library can say and do: bytes in use, and giving free memory back (mallinfo2(3), malloc_trim(3))."""

from __future__ import annotations

from typing import Any, Optional

_FIELDS = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")

_library: Any = None
_info_type: Any = None


def load() -> None:
    """Load the C library; where there is none like glibc, the functions below do nothing."""
    global _library, _info_type  # noqa: PLW0603 -- loaded once a process, at the first census
    if _library is not None:
        return
    try:
        import ctypes

        _library = ctypes.CDLL(None)
        _info_type = type("Mallinfo2", (ctypes.Structure,), {"_fields_": [(name, ctypes.c_size_t) for name in _FIELDS]})
        _library.mallinfo2.restype = _info_type
    except (ImportError, OSError, AttributeError):
        _library = _library or False


def trim() -> None:
    """Give free memory back to the system."""
    if _library and hasattr(_library, "malloc_trim"):
        _library.malloc_trim(0)


def in_use_bytes() -> Optional[float]:
    """Return the bytes that malloc has given out (Python's small objects are not among them), None if it cannot say."""
    if not _library or _info_type is None or not hasattr(_library, "mallinfo2"):
        return None
    info = _library.mallinfo2()
    return float(info.uordblks + info.hblkhd)

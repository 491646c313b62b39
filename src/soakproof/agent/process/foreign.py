"""C functions of the interpreter and of the C library, called through `ctypes`, where that leaves nothing behind."""

from __future__ import annotations

import sys
from typing import Any, Optional

_is_spared = False


def spare() -> None:
    """Load `ctypes` no more: with some versions of libffi that opens a descriptor that stays for good."""
    global _is_spared  # noqa: PLW0603 -- one target a process
    _is_spared = "_ctypes" not in sys.modules


def is_spared() -> bool:
    """Tell whether the readings that need it are left out."""
    return _is_spared and "_ctypes" not in sys.modules


def load() -> Optional[Any]:
    """Return `ctypes`, None where the interpreter has none or the target is to be spared it."""
    if is_spared():
        return None
    try:
        import ctypes
    except ImportError:
        return None
    return ctypes

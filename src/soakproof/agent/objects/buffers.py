"""How many bytes buffers hold: texts, byte strings, arrays, files in memory, mappings. They grow where no count does.

Sizes are read by the C slots of exact types alone, and only such as are safe at any moment of an object's life: no
buffer is exported, no position moved. A length is taken where there is one, because what is kept spare behind it makes
growth a staircase. Of a `BytesIO` only its memory can be told.
"""

from __future__ import annotations

import io
import sys
import types
from array import array
from collections.abc import Callable
from functools import partial
from typing import Any, Optional

_array_itemsize: Any = array.__dict__["itemsize"].__get__
_view_bytes: Any = memoryview.__dict__["nbytes"].__get__


def _array_bytes(thing: Any) -> int:
    bytes_: int = array.__len__(thing) * _array_itemsize(thing)
    return bytes_


def _view_size(thing: Any) -> int:
    try:
        size: int = _view_bytes(thing)
    except ValueError:  # released
        return 0
    return size


def _text_file_size(thing: Any) -> int:
    try:
        return io.StringIO.tell(thing)
    except ValueError:  # closed, or never begun
        return 0


SIZES: dict[int, Callable[[Any], int]] = {
    id(str): str.__sizeof__,
    id(bytes): bytes.__sizeof__,
    id(bytearray): bytearray.__len__,
    id(memoryview): _view_size,
    id(array): _array_bytes,
    id(io.BytesIO): io.BytesIO.__sizeof__,
    id(io.StringIO): _text_file_size,
}


def late_sizes() -> dict[int, Callable[[Any], int]]:
    """Return how to measure the types of modules that the target has loaded by now: mappings, NumPy's arrays."""
    found: dict[int, Callable[[Any], int]] = {}
    mapping, ndarray = class_in("mmap", "mmap"), class_in("numpy", "ndarray")
    length = vars(mapping).get("__len__") if mapping else None
    if type(length) is types.WrapperDescriptorType:
        found[id(mapping)] = partial(_size_of_mapping, length)
    base, nbytes = (vars(ndarray).get(name) if ndarray else None for name in ("base", "nbytes"))
    if type(base) is type(nbytes) is types.GetSetDescriptorType:
        found[id(ndarray)] = partial(_size_of_ndarray, base.__get__, nbytes.__get__)
    return found


def class_in(module: str, name: str) -> Optional[type]:
    """Return a class of a module that is loaded, and is what it seems: a name may be barred, or stand for a fake."""
    loaded = sys.modules.get(module)
    found = vars(loaded).get(name) if type(loaded) is types.ModuleType else None
    return found if type(found) is type else None


def _size_of_mapping(length: Any, thing: Any) -> int:
    try:
        return int(length(thing))
    except ValueError:  # closed
        return 0


def _size_of_ndarray(base: Any, nbytes: Any, thing: Any) -> int:
    return int(nbytes(thing)) if base(thing) is None else 0  # a view's memory is its base's


def bytes_of(thing: Any) -> Optional[int]:
    """Return the bytes that a buffer holds, None for anything else."""
    size = SIZES.get(id(type(thing))) or late_sizes().get(id(type(thing)))
    return None if size is None else size(thing)


def are_files(things: list[Any]) -> bool:
    """Tell whether all buffers are binary files in memory, whose memory grows in steps."""
    return all(type(thing) is io.BytesIO for thing in things)


def bytes_before(thing: Any) -> int:
    """Return how far a binary file in memory has been written, or read, to; 0 of one that is closed."""
    try:
        return io.BytesIO.tell(thing)
    except ValueError:
        return 0


def total_bytes(things: list[Any], sizes: dict[int, Callable[[Any], int]]) -> int:
    """Return the bytes of buffers together, type by type in loops of C."""
    by_type: dict[int, list[Any]] = {}
    ids = set(map(id, map(type, things)))
    if len(ids) == 1:
        return sum(map(sizes[ids.pop()], things))
    for thing in things:
        by_type.setdefault(id(type(thing)), []).append(thing)
    return sum(sum(map(sizes[key], same)) for key, same in by_type.items())

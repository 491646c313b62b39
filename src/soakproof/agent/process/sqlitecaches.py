"""SQLite's page caches: memory of C that fills up to a bound of its own, of each connection to a file.

How much SQLite has taken in all it tells itself (`sqlite3_memory_used`; https://sqlite.org/c3ref/memory_highwater.html).
By default a connection caches 2,000 KiB of its file's pages (https://sqlite.org/pragma.html#pragma_cache_size): up to
that much nothing leaks. A database in memory has no file, and what it takes is no cache.
"""

from __future__ import annotations

import os
import stat
import sys
from typing import Any, Optional

from . import counts, foreign

_CACHE_BYTES = 2_000 * 1024
_CONNECTION_BYTES = 128 * 1024  # its statements, its schema, and the caches' own tables
_MAGIC = b"SQLite format 3\0"

_memory_used: Any = None
_is_searched = False


def cached_bytes() -> Optional[float]:
    """Return how much of what SQLite has taken its connections to files may cache; None where there are none."""
    if "_sqlite3" not in sys.modules:
        return None
    files = sum(is_database(fd) for fd, path in counts.open_fds(set()) if path.startswith("/"))
    function = _find() if files else None
    if function is None:
        return None
    return float(min(function(), files * (_CACHE_BYTES + _CONNECTION_BYTES)))


def is_database(fd: int) -> bool:
    """Whether a descriptor is of a file with a database, opened as SQLite opens it: without following a link.

    No other file is read at all: it may lie where reading waits. This one is read through the very descriptor, since to
    open the file once more, and close it, would end all of SQLite's locks on it (fcntl(2)).
    """
    try:
        return bool(_flags_of(fd) & os.O_NOFOLLOW) and _begins_as_one(fd)
    except (OSError, ValueError):  # closed meanwhile, or for writing alone
        return False


def _flags_of(fd: int) -> int:
    """Return the flags that a file was opened with (proc(5), fdinfo)."""
    with open(f"/proc/self/fdinfo/{fd}") as stream:  # noqa: PTH123 -- no pathlib in the target
        lines = [line.split() for line in stream]
    return next((int(line[1], 8) for line in lines if line[0] == "flags:"), 0)


def _begins_as_one(fd: int) -> bool:
    return stat.S_ISREG(os.fstat(fd).st_mode) and os.pread(fd, len(_MAGIC), 0) == _MAGIC


def _find() -> Any:
    """Return SQLite's function, of the library that the process has loaded; None where it cannot be found."""
    global _memory_used, _is_searched  # noqa: PLW0603 -- found once a process
    ctypes = None if _is_searched else foreign.load()
    if ctypes is None:
        return _memory_used
    _is_searched = True
    for path in [*_libraries(), None]:
        try:
            # PyDLL keeps the GIL: no thread of the target may slip in between two counts.
            function = ctypes.PyDLL(path, mode=os.RTLD_NOLOAD | os.RTLD_LAZY).sqlite3_memory_used
        except (OSError, AttributeError):
            continue
        function.restype, function.argtypes = ctypes.c_int64, []
        _memory_used = function
        break
    return _memory_used


def _libraries() -> list[str]:
    """Return the loaded libraries that have SQLite in their names, SQLite's own first."""
    with open("/proc/self/maps") as stream:  # noqa: PTH123 -- no pathlib in the target
        paths = {line.split(None, 5)[-1].strip() for line in stream if "sqlite" in line}
    return sorted(paths, key=lambda path: ("libsqlite3" not in path, path))

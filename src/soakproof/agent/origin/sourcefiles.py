"""The text of source files, without a trace: no device is read, no loader of the target's asked, no warning given."""

from __future__ import annotations

import ast
import io
import os
import re
import stat
import tokenize
from typing import Any, Optional

from . import loaded

LARGEST_BYTES = 4_000_000
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
# SystemError: what CPython up to 3.12 raises of a tree that is too deep for it
_ERRORS = (OSError, SyntaxError, ValueError, LookupError, RecursionError, MemoryError, OverflowError, SystemError)


def parse(file: str) -> Optional[ast.Module]:
    """Return the tree of a file's source, None where there is none.

    Python warns of an escape sequence that means nothing by whatever the target lets show warnings;
    so each is doubled first: what texts say is not asked for.
    """
    source = read(file)
    if source is None:
        return None
    try:
        return ast.parse(_ESCAPE.sub(_double, source))
    except _ERRORS:
        return None


def _double(found: "re.Match[bytes]") -> bytes:
    return found[0] if found[1] in b"\\'\"\r\n" else b"\\" + found[0]


def line(file: str, number: int) -> str:
    """Return one line of a file without the blanks around it, empty where there is none."""
    source = read(file)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source or b"").readline)
        lines = (source or b"").decode(encoding, "replace").replace("\r\n", "\n").split("\n")
    except _ERRORS:
        return ""
    return lines[number - 1].strip() if type(number) is int and 0 < number <= len(lines) else ""


def read(file: str) -> Optional[bytes]:
    """Return the bytes of a source, None where it is no plain file, or a giant.

    A file name that is compiled into code may name anything: ``/dev/stdin`` is the target's to read.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError):
        return made_up(file)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_BYTES:
            return None
        return os.read(descriptor, LARGEST_BYTES)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def made_up(file: str) -> Optional[bytes]:
    """Return the source of code that was made up at run time, where whoever made it left it for tracebacks."""
    cache: Any = loaded.attribute("linecache", "cache")
    entry = cache.get(file) if type(cache) is dict else None
    lines = entry[2] if type(entry) is tuple and len(entry) > 3 else None  # noqa: PLR2004 -- size, time, lines, name
    if type(lines) is not list or any(type(each) is not str for each in lines):
        return None
    return "".join(lines).encode("utf-8", "replace")

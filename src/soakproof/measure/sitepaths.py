"""Paths of source files as a person reads them: below the directory soakproof was started in, or within a library."""

from __future__ import annotations

import re
from pathlib import Path, PurePath

WITHIN_LIBRARY = re.compile(r".*/(?:site|dist)-packages/(.+)|.*/lib/python3\.\d+/(?!(?:site|dist)-packages/)(.+)")


def shorten(file: str, directory: Path | None = None) -> str:
    """Return a path relative to where libraries are installed, or to the directory (the current one by default).

    What lies elsewhere is left as it is. The result reads, and clicks, the same on every machine.
    """
    within = WITHIN_LIBRARY.fullmatch(file)
    if within:
        return within.group(1) or within.group(2)
    below = directory or Path.cwd()
    path = PurePath(file)
    return str(path.relative_to(below)) if path.is_relative_to(below) else file

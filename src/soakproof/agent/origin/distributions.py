"""Which distribution a module comes from, read off the ``*.dist-info`` directories without importing anything."""

from __future__ import annotations

import os
import sys
from typing import Optional

from . import classification, loaded

_listing: dict[str, tuple[str, str]] = {}  # top-level module -> (distribution, version)
_listed_paths: set[str] = set()


def loaded_versions() -> dict[str, str]:
    """Return ``{distribution: version}`` of those installed distributions of which a top-level module is loaded."""
    _list_new_paths()
    tops = {name.partition(".")[0] for name in loaded.names()}
    return dict(sorted(found for top, found in _listing.items() if top in tops))


def extension_modules() -> list[str]:
    """Return the loaded modules that are compiled, and no part of Python's own library."""
    found = []
    for name, module in loaded.modules():
        file = classification.file_of(module) or ""
        if file.endswith((".so", ".pyd")) and classification.origin_of_file(file) != classification.PYTHON:
            found.append(name)
    return found


def package_of(module: str) -> Optional[str]:
    """Return the distribution a module belongs to, if it can be told: ``python-engineio 4.12.1``."""
    _list_new_paths()
    found = _listing.get(module.partition(".")[0])
    return f"{found[0]} {found[1]}" if found else None


def _list_new_paths() -> None:
    for path in list(sys.path):
        if type(path) is str and path not in _listed_paths:
            _listed_paths.add(path)
            _list(path)


def _list(path: str) -> None:
    try:
        entries = os.listdir(path or ".")  # noqa: PTH208 -- no pathlib in the target
    except OSError:
        return
    for entry in entries:
        if entry.endswith(".dist-info"):
            name, _, version = entry[: -len(".dist-info")].partition("-")
            for top in _top_levels(os.path.join(path, entry, "top_level.txt"), name):  # noqa: PTH118 -- likewise
                _listing.setdefault(top, (name.replace("_", "-"), version))


def _top_levels(file: str, name: str) -> list[str]:
    """Return the modules a distribution declares; without a declaration, the one that is called like it."""
    try:
        with open(file, encoding="utf-8") as stream:  # noqa: PTH123 -- likewise
            return stream.read().split()
    except (OSError, UnicodeDecodeError):
        return [name.lower().replace("-", "_").replace(".", "_")]

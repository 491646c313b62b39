"""What modules are called: the name they are imported by, and of a file that was loaded by its path a name like it.

Some frameworks load the user's file by `importlib` under its path, ``/home/me/shop/chat.py``, and do not always put it
into ``sys.modules``. Owners and types are told by modules, never by the paths of a machine: as ``chat``, or
``pages.chat`` below the working directory.
"""

from __future__ import annotations

import os
from typing import Any, Optional

_raw: dict[str, str] = {}  # told name -> the name it is loaded under
_told: dict[str, str] = {}
_unlisted_files: dict[str, str] = {}  # told name -> file, of modules that are in no ``sys.modules``


def tell(name: str) -> str:
    """Return what a module is called in what is told of it; its name, unless that is a path."""
    if os.sep not in name and not name.endswith(".py"):
        return name
    told = _told.get(name)
    if told is None:
        told = _told[name] = _from_path(name)
        _raw.setdefault(told, name)
    return told


def _from_path(path: str) -> str:
    here = os.getcwd() + os.sep  # noqa: PTH109 -- no pathlib in the target
    inside = path[len(here) :] if path.startswith(here) else os.path.basename(path)  # noqa: PTH119 -- no pathlib
    return os.path.splitext(inside)[0].replace(os.sep, ".").strip(".") or path  # noqa: PTH122 -- likewise


def raw(told: str) -> str:
    """Return the name under which a module that is called so is loaded."""
    return _raw.get(told, told)


def add_unlisted(told: str, file: str) -> None:
    """Remember the file of a module that only its own functions and whoever loaded it refer to."""
    _unlisted_files[told] = file


def unlisted_file(told: str) -> Optional[str]:
    """Return the file of a module that is in no ``sys.modules``, None where none is called so."""
    return _unlisted_files.get(told)


def unlisted_names() -> list[tuple[str, str]]:
    """Return ``(file, told name)`` of the modules that are in no ``sys.modules``."""
    return [(file, told) for told, file in list(_unlisted_files.items())]


def name_of(namespace: dict[str, Any]) -> str:
    """Return what the module of some globals is called, empty where it does not say."""
    name = namespace.get("__name__")
    return tell(name) if type(name) is str else ""

"""Whose code is it: the application's, a library's, or Python's own; decided by where a module's file lies.

An application that is installed like a library, as in many containers, is known by the command that started it.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Optional

from . import loaded, modulenames, served

PYTHON, LIBRARY, APPLICATION = "python", "library", "application"

_OWN_PACKAGE = __name__.rpartition(".origin.")[0]
OWN_DIRECTORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep  # noqa: PTH100, PTH120 -- no pathlib in the target
_STDLIB = os.path.dirname(os.path.abspath(os.__file__)) + os.sep  # noqa: PTH100, PTH120 -- likewise
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_SCRIPTS = tuple(os.path.join(prefix, "bin", "") for prefix in {sys.prefix, sys.exec_prefix})  # noqa: PTH118 -- likewise

_by_module: dict[str, str] = {}


def is_own(module: str) -> bool:
    """Tell whether a module is part of the agent."""
    return module == _OWN_PACKAGE or module.startswith(_OWN_PACKAGE + ".") or module == "_soakproof_agent"


def origin_of_file(file: str) -> str:
    """Return the origin of code that lies in this file; a path in angle brackets is nobody's file, hence Python's."""
    if file.startswith(_SCRIPTS) or (any(part in file for part in _INSTALLED) and not served.is_served(file)):
        return LIBRARY
    if file.startswith((_STDLIB, OWN_DIRECTORY, "<")):
        return PYTHON
    return APPLICATION


def origin_of_module(name: str) -> str:
    """Return the origin of a module by its name, remembered once its file is known."""
    known = _by_module.get(name)
    if known is not None:
        return known
    origin = _find_origin(name)
    if loaded.module(name) is not None or modulenames.unlisted_file(name):
        _by_module[name] = origin
    return origin


def metric_of(owner: str, origin: str) -> str:
    """Return the metric of a container's owner path: a registry if it is the application's own."""
    kind = "registry" if origin == APPLICATION else "container"
    return f"{kind}:{owner.replace(':', '.')}"


def buffer_metric(owner: str) -> str:
    """Return the metric of the buffers that stand under an owner path."""
    return f"buffer:{owner.replace(':', '.')}"


def _find_origin(name: str) -> str:
    file = None if is_own(name) else file_of_name(name)
    if file is None:
        return APPLICATION if name == "__main__" else PYTHON
    return origin_of_file(file)


def file_of(module: Any) -> Optional[str]:
    """Return a module's ``__file__`` as an absolute path, if it has one."""
    file = loaded.namespace(module).get("__file__")
    return os.path.abspath(file) if type(file) is str else None  # noqa: PTH100 -- no pathlib in the target


def file_of_name(name: str) -> Optional[str]:
    """Return the file of the module that is called so, if it has one.

    Of an object that was put in its place nothing is known but the package that it is in.
    """
    module = loaded.module(name)
    if module is not None:
        return file_of(module)
    package = name.rpartition(".")[0]
    return modulenames.unlisted_file(name) or (file_of_name(package) if package else None)

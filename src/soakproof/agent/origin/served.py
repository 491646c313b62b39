"""Which packages the command behind this process serves: they are the application's, even where they are installed.

``uvicorn shop.main:app``, ``python -m shop``, ``FLASK_APP=shop`` and a script of the package's own all name ``shop``. A
worker that was spawned knows nothing of that, so the commands of its ancestors are read too, within their session.
"""

from __future__ import annotations

import os
import re
import sys
import types
from collections.abc import Iterator

from ..objects import kinds
from . import loaded

# Programs that serve or run what somebody else has written: their own name says nothing.
_SERVERS = frozenset(
    (
        "aiohttp", "coverage", "daphne", "debugpy", "django", "eventlet", "fastapi", "flask", "gevent", "granian",
        "gunicorn", "hypercorn", "pdb", "quart", "sanic", "soakproof", "tornado", "uvicorn", "waitress", "werkzeug",
    )
)  # fmt: skip
_VARIABLES = ("FLASK_APP", "QUART_APP", "DJANGO_SETTINGS_MODULE")
_MOST_ANCESTORS = 8
_REFERENCE = re.compile(r"([A-Za-z_]\w*)(?:\.\w+)*:[A-Za-z_][\w.]*(?:\(.*\))?")  # shop.main:app, shop:make()
_INSTALLED = re.compile(r".*/(?:site|dist)-packages/([A-Za-z_]\w*)")


def is_served(file: str) -> bool:
    """Tell whether an installed file belongs to a package that is being served."""
    found = _INSTALLED.match(file)
    return found is not None and found.group(1) in served_packages()


_found: list[frozenset[str]] = []


def served_packages() -> frozenset[str]:
    """Return the top-level packages that are served, looked for once."""
    if not _found:
        _found.append(find_served())
    return _found[0]


def find_served() -> frozenset[str]:
    """Return the top-level packages that the command, its ancestors and its environment name."""
    named = [os.environ[name] for name in _VARIABLES if name in os.environ]
    for arguments in commands():
        named.extend(packages_in(arguments))
    named.extend(packages_of_script())
    tops = {re.split(r"[.:]", name)[0] for name in named}
    return frozenset(top for top in tops if top not in _SERVERS)


def packages_in(arguments: list[str]) -> Iterator[str]:
    """Yield the packages that a command line names: as ``package.module:attribute``, or after ``-m``."""
    for before, each in zip(["", *arguments], arguments):  # noqa: B905 -- strict is of Python 3.10
        found = _REFERENCE.fullmatch(each)
        if found:
            yield found.group(1)
        elif before == "-m":
            yield each


def packages_of_script() -> Iterator[str]:
    """Yield the packages of the functions that an installed script has imported in order to call them."""
    main = loaded.namespace(loaded.module("__main__"))
    if not kinds.plain_text(main.get("__file__", "")).startswith(os.path.join(sys.prefix, "bin", "")):  # noqa: PTH118 -- no pathlib
        return
    modules = (thing.__module__ for thing in list(main.values()) if type(thing) is types.FunctionType)
    yield from (module for module in modules if type(module) is str)


def commands() -> Iterator[list[str]]:
    """Yield the command lines of this process and of its ancestors in the same session, the nearest first."""
    pid, session = os.getpid(), os.getsid(0)
    try:
        for _ in range(_MOST_ANCESTORS):
            with open(f"/proc/{pid}/cmdline", "rb") as stream:  # noqa: PTH123 -- no pathlib
                yield stream.read().decode("utf-8", "replace").split("\0")
            with open(f"/proc/{pid}/stat", "rb") as stream:  # noqa: PTH123 -- likewise
                pid = int(stream.read().rpartition(b")")[2].split()[1])
            if pid <= 1 or os.getsid(pid) != session:
                return
    except OSError:  # an ancestor that has ended, or is another user's
        return

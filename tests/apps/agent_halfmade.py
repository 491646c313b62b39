"""A program that keeps instances of every class of Python's own that were made, and never initialised.

``agent_halfmade.py [FIRST LAST]``: of the classes in their order only these. What cannot even be looked at by the
collector, or ends a program by itself, is left out: each class is tried in a child process first.
"""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import resource
import signal
import sys
import warnings
from pathlib import Path

PASSED_OVER = {"antigravity", "this", "idlelib", "test", "tkinter", "turtle", "turtledemo", "lib2to3", "ensurepip"}
TRIED_S = 5
KEPT: list[object] = []
BY_NUMBER: dict[int, object] = {}


class Keeper:
    """Holds one of them as an attribute."""

    def __init__(self, held: object) -> None:
        self.held = held
        self.listed = [held]


KEEPERS: list[Keeper] = []


def python_directories() -> list[str]:
    """Return where modules of Python's own lie, those of C included."""
    return [path for path in sys.path if path.startswith(str(Path(os.__file__).parent)) and "-packages" not in path]


def import_everything() -> None:
    """Import Python's own modules, so that their classes are there."""
    builtin = [name for name in sys.builtin_module_names if name not in sys.modules]
    for name in sorted({*builtin, *(each.name for each in pkgutil.iter_modules(python_directories()))}):
        extensions = name.startswith("_") and ("test" in name or name in ("_tkinter", "__main__"))
        if name not in PASSED_OVER and not extensions and "-" not in name:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    importlib.import_module(name)
                except BaseException:  # noqa: BLE001 -- whatever it raises
                    continue
    for name in (
        "xml.etree.ElementTree",
        "greenlet",
        "wrapt",
        "multidict",
        "uvloop",
        "yarl",
        "frozenlist",
        "httptools",
        "pydantic_core",
        "gevent",
    ):
        try:
            importlib.import_module(name)
        except BaseException:  # noqa: BLE001 -- whatever it raises
            continue


def classes() -> list[type]:
    """Return all classes, in the order of their names."""
    found: dict[int, type] = {}
    pending: list[type] = [object]
    while pending:
        of = pending.pop()
        for each in type.__subclasses__(of):
            if id(each) not in found and each.__module__ != __name__:
                found[id(each)] = each
                pending.append(each)
    return sorted(found.values(), key=lambda of: (str(of.__module__), str(of.__qualname__), found_at(of)))


def found_at(of: type) -> int:
    """Return what tells classes of one name apart."""
    return len(type.mro(of)) if not issubclass(of, type) else 0


def half_made(of: type) -> list[object]:
    """Return instances of a class and of classes derived from it that were made and not initialised."""
    made: list[object] = []
    for make in (lambda: of.__new__(of), lambda: derived(of, {"__slots__": ()}), lambda: derived(of, {})):
        try:
            made.append(make())
        except BaseException:  # noqa: BLE001 -- whatever it raises
            continue
    return made


def derived(of: type, namespace: dict[str, object]) -> object:
    """Return an instance of a class of the program's own that derives from another, and initialises nothing."""
    child = type("Derived" + of.__name__, (of,), {**namespace, "__init__": lambda self: None, "__module__": __name__})
    return child.__new__(child)


def harmless(chosen: list[type]) -> list[type]:
    """Return the classes of which a child process lives through making, asking and dropping such instances."""
    fit: list[type] = []
    at = 0
    while at < len(chosen):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            try_all(chosen[at:], writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            stood = len(stream.read())
        os.waitpid(child, 0)
        fit.extend(chosen[at : at + stood])
        at += stood + 1  # the one it did not live through is left out
    return fit


def try_all(chosen: list[type], writing: int) -> None:
    """Try class by class, and write a byte for each that did no harm; whoever waits for one is ended."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.freeze()
    for of in chosen:
        signal.alarm(TRIED_S)
        kept = half_made(of)
        for each in kept:
            gc.get_referents(each)
        kept = each = None  # type: ignore[assignment]
        gc.collect()
        os.write(writing, b".")
    os._exit(0)


def main() -> None:
    """Make them, say how many there are, and live on for as long as somebody has lines to write."""
    import_everything()
    chosen = classes()
    if len(sys.argv) > 2:
        chosen = chosen[int(sys.argv[1]) : int(sys.argv[2])]
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2) if not os.environ.get("HALFMADE_STDERR") else None
    names = []
    for of in harmless(chosen):
        made = half_made(of)
        KEPT.extend(made)
        if made:
            names.append(f"{of.__module__}.{of.__qualname__}")
    BY_NUMBER.update(enumerate(KEPT))
    KEEPERS.extend(map(Keeper, KEPT))
    print("ready", len(chosen), len(KEPT), flush=True)
    if os.environ.get("HALFMADE_NAMES"):
        print(" ".join(names), flush=True)
    for line in sys.stdin:
        print(line.strip(), flush=True)
    os._exit(0)


main()

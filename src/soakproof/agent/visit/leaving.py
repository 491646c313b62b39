"""What a visiting agent takes with it: its hooks, modules and files. The system's are gone with its thread before."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, Optional

from ..process import foreign

PACKAGE = __name__.rpartition(".visit.")[0]


class Leaving:
    """Remembers what was there when the agent came, and puts it back."""

    def __init__(self, directory: str, page: Optional[tuple[int, int]]) -> None:
        self._directory = directory
        self._pid = os.getpid()
        self._page = page
        self._lines = set(cached_files())

    def leave(self, fork_hooks: Iterable[Callable[[], None]], at_exit: Callable[[], None]) -> None:
        """Undo everything; what one step cannot do does not keep the others from being done.

        Args:
            fork_hooks: what was registered to be called around a fork.
            at_exit: what was registered to be called when the interpreter ends.
        """
        atexit.unregister(at_exit)
        steps: tuple[Callable[[], None], ...] = (
            lambda: remove_fork_hooks(tuple(fork_hooks)),
            self._forget_lines,
            self._forget_modules,
            self._unmap,
            self._remove_files,
        )
        for step in steps:
            try:
                step()
            except Exception:  # noqa: S112 -- nobody is left to tell
                continue

    def _forget_lines(self) -> None:
        for file in cached_files() - self._lines:
            sys.modules["linecache"].cache.pop(file, None)

    def _forget_modules(self) -> None:
        for name in [name for name in list(sys.modules) if name == PACKAGE or name.startswith(PACKAGE + ".")]:
            sys.modules.pop(name, None)
        for path in [path for path in list(sys.path_importer_cache) if path.startswith(self._directory + os.sep)]:
            sys.path_importer_cache.pop(path, None)

    def _remove_files(self) -> None:
        """Remove what was laid, but not under the process that it was laid for: a fork of that may leave first."""
        if os.getpid() == self._pid:
            remove_tree(self._directory)

    def _unmap(self) -> None:
        """Give the page back in which a debugger left its call."""
        ctypes = foreign.load() if self._page is not None else None
        if ctypes is not None and self._page is not None:
            address, size = self._page
            ctypes.PyDLL(None).munmap(ctypes.c_void_p(address), ctypes.c_size_t(size))


def cached_files() -> set[str]:
    """Return the files whose lines Python keeps for tracebacks; they can be read again, what is in <> cannot."""
    cache: dict[Any, Any] = getattr(sys.modules.get("linecache"), "cache", {})
    return {file for file in list(cache) if type(file) is str and not file.startswith("<")}


def remove_fork_hooks(hooks: tuple[Callable[[], None], ...]) -> None:
    """Take hooks out of the interpreter's lists, for which Python has no call (CPython, `os.register_at_fork`).

    They are lists like any other, so the collector knows them as what refers to the hooks.
    """
    for referrer in gc.get_referrers(*hooks):
        if type(referrer) is list:
            for at in range(len(referrer) - 1, -1, -1):  # others may append meanwhile
                if any(referrer[at] is hook for hook in hooks):
                    del referrer[at]


def remove_tree(directory: str) -> None:
    """Remove the directory in which the agent was laid; links in it are not followed."""
    for path, directories, files in os.walk(directory, topdown=False):
        for name in files:
            os.unlink(os.path.join(path, name))  # noqa: PTH108, PTH118 -- pathlib is a module more
        for name in directories:
            os.rmdir(os.path.join(path, name))  # noqa: PTH106, PTH118 -- likewise
    os.rmdir(directory)  # noqa: PTH106 -- likewise

"""Puts the agent together in a process, and keeps it right across forks and at the end."""

from __future__ import annotations

import atexit
import errno
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Optional

from .service import Service, report_debug

if TYPE_CHECKING:
    from ..visit.leaving import Leaving
    from .dispatch import Dispatcher

__all__ = ["Service", "launch", "make_directory"]


class Deferred:
    """The dispatcher, loaded when somebody first asks: until then the agent is a socket and a thread that sleeps."""

    service: Service

    def __init__(self) -> None:
        self._dispatcher: Optional[Dispatcher] = None

    def answer(self, line: bytes) -> bytes:
        """Return the answer line to a request line."""
        try:
            return self._load().answer(line)
        except Exception as error:
            report_debug(error)
            return b'{"ok": false, "error": "the agent cannot be loaded: %s"}\n' % type(error).__name__.encode()

    def _load(self) -> Dispatcher:
        if self._dispatcher is None:
            from .dispatch import Dispatcher

            self._dispatcher = Dispatcher(self.service)
        return self._dispatcher

    def release(self) -> None:
        """Have it leave the target as it was found."""
        if self._dispatcher is not None:
            self._dispatcher.release()

    def forget(self) -> None:
        """Have it begin anew, in a process that was forked off another."""
        if self._dispatcher is not None:
            self._dispatcher.forget()


def launch(directory: str, leaving: Optional[Leaving] = None) -> Service:
    """Start the agent's thread, with its socket in ``directory``; a visitor's ends with the first run, and leaves."""
    deferred = Deferred()
    service = deferred.service = Service(directory, deferred.answer, quietly(deferred.release))

    def begin_in_child() -> None:
        deferred.forget()
        service.after_fork_in_child()

    before, in_parent, in_child = map(quietly, (service.before_fork, service.after_fork_in_parent, begin_in_child))
    at_exit = quietly(service.at_exit)
    os.register_at_fork(before=before, after_in_parent=in_parent, after_in_child=in_child)
    atexit.register(at_exit)
    if leaving is not None:
        hooks = (before, in_parent, in_child)
        service.visit(lambda: leaving.leave(hooks, at_exit))
    service.start()
    return service


def prepare_directory(directory: str) -> str:
    """Make the directory if it is missing, and return it without links; raise OSError where others may enter it."""
    directory = os.path.realpath(directory)  # a link could lead elsewhere later
    if not os.path.isdir(directory):  # noqa: PTH112 -- pathlib is a module more to load in the target
        os.mkdir(directory, 0o700)  # noqa: PTH102 -- likewise
    found = os.stat(directory)  # noqa: PTH116 -- likewise
    if found.st_uid != os.geteuid() or found.st_mode & 0o077:
        need = f"need a directory of uid {os.geteuid()} with mode 0700; name one inside it that does not exist yet"
        raise PermissionError(errno.EPERM, need, directory)
    return directory


def make_directory() -> str:
    """Make a directory for the socket that its owner alone can enter."""
    import tempfile

    from .places import choose_place

    return tempfile.mkdtemp(prefix="soakproof-agent-", dir=choose_place(tempfile.gettempdir()))


def quietly(action: Callable[[], None]) -> Callable[[], None]:
    """Return the action such that nothing it raises reaches whoever forks."""

    def act() -> None:
        try:
            action()
        except Exception as error:
            report_debug(error)

    return act

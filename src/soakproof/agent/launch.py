"""Puts the agent together in a process, and keeps it right across forks and at the end."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable

from .dispatch import Dispatcher
from .service import Service, remove_quietly, report_debug

__all__ = ["Service", "launch", "make_directory"]


def launch(directory: str) -> Service:
    """Start the agent's thread, with its socket in ``directory``."""
    dispatcher = Dispatcher()
    service = dispatcher.service = Service(directory, dispatcher.answer)

    def begin_in_child() -> None:
        dispatcher.forget()
        service.after_fork_in_child()

    os.register_at_fork(
        before=quietly(service.before_fork),
        after_in_parent=quietly(service.after_fork_in_parent),
        after_in_child=quietly(begin_in_child),
    )
    atexit.register(lambda: remove_quietly(service.path))
    service.start()
    return service


def make_directory() -> str:
    """Make a directory for the socket that its owner alone can enter."""
    import tempfile

    return tempfile.mkdtemp(prefix="soakproof-agent-")


def quietly(action: Callable[[], None]) -> Callable[[], None]:
    """Return the action such that nothing it raises reaches whoever forks."""

    def act() -> None:
        try:
            action()
        except Exception as error:
            report_debug(error)

    return act

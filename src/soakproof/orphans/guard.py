"""The harness's side: a watchdog is beside it for as long as something that it started may be running."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from soakproof.orphans import watchdog
from soakproof.tempplaces import find_temporary_place


@contextmanager
def orphans_ended() -> Iterator[None]:
    """Have all that is started within the block end soon after this process, should it be killed.

    What is started inherits a mark in its environment, by which the watchdog knows it; the watchdog itself has none,
    and is told when the block has been left, however it was.
    """
    before = os.environ.get(watchdog.MARK)
    mark = secrets.token_hex(8)
    process = _start_watchdog(mark)
    os.environ[watchdog.MARK] = mark
    try:
        yield
    finally:
        if before is None:
            del os.environ[watchdog.MARK]
        else:
            os.environ[watchdog.MARK] = before
        process.communicate(watchdog.DONE)


def _start_watchdog(mark: str) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, with a pipe of which nobody but this process has the other end."""
    prefix = find_temporary_place() / f"{watchdog.AGENTS}{os.getpid()}-"
    return subprocess.Popen(  # noqa: S603  # our own file, by our own interpreter
        [sys.executable, "-I", "-S", watchdog.__file__, mark, str(prefix), str(os.getsid(0))],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

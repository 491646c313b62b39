"""How many soaks run at once on a machine: each takes two cores, and pytest may have many processes."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from soakproof.errors import OutputError
from soakproof.tempplaces import find_temporary_place

CORES_EACH = 2
POLL_S = 0.2


@contextmanager
def slot() -> Iterator[None]:
    """Wait until there are cores for one more soak of this user's, and hold them meanwhile."""
    directory = make_directory()
    number = max((os.cpu_count() or 1) // CORES_EACH, 1)
    while True:
        for index in range(number):
            with (directory / f"{index}.lock").open("w") as lock:
                if _is_taken(lock):
                    yield
                    return
        time.sleep(POLL_S)


def make_directory() -> Path:
    """Return the directory of the locks, whose name all processes of this user know; so others know it too.

    Raises:
        OutputError: somebody else has made it, or may put links into it.
    """
    directory = find_temporary_place() / f"soakproof-slots-{os.getuid()}"
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise OutputError(f"{directory}: is not this user's alone; remove it, or have another TMPDIR")
    return directory


def _is_taken(lock: IO[str]) -> bool:
    """Take a lock that nobody has; it goes with the file's closing, however the process ends."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

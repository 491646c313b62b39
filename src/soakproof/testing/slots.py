"""How many soaks run at once on a machine: each takes two cores, and pytest may have many processes."""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

CORES_EACH = 2
POLL_S = 0.2


@contextmanager
def slot() -> Iterator[None]:
    """Wait until there are cores for one more soak of this user's, and hold them meanwhile."""
    directory = Path(tempfile.gettempdir(), f"soakproof-slots-{os.getuid()}")
    directory.mkdir(mode=0o700, exist_ok=True)
    number = max((os.cpu_count() or 1) // CORES_EACH, 1)
    while True:
        for index in range(number):
            with (directory / f"{index}.lock").open("w") as lock:
                if _is_taken(lock):
                    yield
                    return
        time.sleep(POLL_S)


def _is_taken(lock: IO[str]) -> bool:
    """Take a lock that nobody has; it goes with the file's closing, however the process ends."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

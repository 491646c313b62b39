"""File systems that tests fill: small ones, of a test's own."""

from __future__ import annotations

import contextlib
import os
import shutil


def can_mount():
    """Whether file systems can be mounted here, as root can."""
    return os.geteuid() == 0 and shutil.which("mount") is not None


def fill(place):
    """Take the last byte of the disk."""
    with contextlib.suppress(OSError), (place / "filler").open("ab", buffering=0) as stream:
        while True:
            stream.write(b"\0" * 4096)

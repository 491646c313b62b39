"""File systems that tests fill: small ones, of a test's own."""

from __future__ import annotations

import contextlib
import os
import shutil

from benchmarks.soaking import soakproof


def can_mount():
    """Whether file systems can be mounted here, as root can."""
    return os.geteuid() == 0 and shutil.which("mount") is not None


def fill(place):
    """Take the last byte of the disk."""
    with contextlib.suppress(OSError), (place / "filler").open("ab", buffering=0) as stream:
        while True:
            stream.write(b"\0" * 4096)


def end_on_a_full_disk(soak, disk):
    """Fill the disk that a soak writes to; return its exit code, and how the run is judged once there is room."""
    fill(disk)
    code = soak.end(200)
    assert code in {2, 4}, soak.said
    assert "No space left on device" in soak.said
    (disk / "filler").unlink()
    judged = soakproof("judge", "disk/out", directory=disk.parent)
    assert "Traceback" not in judged.printed
    return code, judged

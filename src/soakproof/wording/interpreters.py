"""What must be said of a Python of a certain release, wherever it is named: by the doctor, and in the report."""

from __future__ import annotations

import re

INCREMENTAL = re.compile(r"3\.14\.[0-4](?!\d)")
MENDED = "3.14.5"


def caveat_of(version: str) -> str:
    """Return what limits a reading of memory under this Python (``3.14.2``, ``3.15.0rc1+``), empty where nothing does.

    CPython 3.14 was released with an incremental collector, which 3.14.5 took back for the memory it let grow.
    """
    if not INCREMENTAL.match(version):
        return ""
    return (
        f"Python {version} has the incremental collector of 3.14.0 to 3.14.4, which lets garbage pile up between full "
        "collections: memory under load and high-water marks read higher than they need be; rest points collect "
        f"everything, and are as sound; {MENDED} took it back"
    )

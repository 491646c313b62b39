"""Whose memory grows while every count stands still: Python's, at a line, or by elimination that of C code."""

from __future__ import annotations

import msgspec

from soakproof.samples import Culprit, Lines

TRACED_SHARE = 0.5
NATIVE = "native memory"
SWELLING = "objects that swell"


def eliminate(culprit: Culprit, bytes_per_connection: float, lines: Lines) -> Culprit:
    """Return the culprit of a leak of memory alone, given what Python itself allocated in the traced wave.

    tracemalloc sees all that Python's allocators hand out, and nothing of what C code takes by itself. Where it sees
    half of the growth or more, the lines that allocate it are the sites; else no line of Python has allocated it.
    """
    traced = sum(site.per_connection_bytes for site in lines.sites)
    seen = f"Python's allocators gave out {traced:,.0f} of {bytes_per_connection:,.0f} bytes per connection"
    if traced >= TRACED_SHARE * bytes_per_connection:
        note = f"{seen}, at the lines below: what is there already swells."
        return msgspec.structs.replace(culprit, owner=SWELLING, sites=lines.sites, note=note)
    note = f"{seen} (tracemalloc), and no count grows: C code keeps the rest. {culprit.note or ''}".strip()
    return msgspec.structs.replace(culprit, owner=NATIVE, sites=[], note=note)

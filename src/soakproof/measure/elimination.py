"""Whose memory grows while every count stands still: Python's, at a line, or by elimination that of C code."""

from __future__ import annotations

import msgspec

from soakproof.culprits import Culprit
from soakproof.judge.filling import MOST_BLOCKS
from soakproof.judge.verdict import Finding
from soakproof.samples import Lines

TRACED_SHARE = 0.5
TURNOVER = 1.5
MOST_SITES = 3
ALIGNMENT_BYTES, LARGEST_SMALL_BYTES = 16, 512  # of pymalloc's size classes
LARGE = "large"
STILL_PER_CONNECTION = 0.1


def most_allocations(suspect: Finding) -> float:
    """Return how many allocations per connection a leak of objects or blocks may come to: more at a line is turnover.

    An object may take several; and tracemalloc counts large ones too, which are no blocks.
    """
    return TURNOVER * suspect.ci[1] * (1 if suspect.unit == "blocks" else MOST_BLOCKS)


def is_of_size(suspect: Finding, bytes_: float, allocations: float) -> bool:
    """Tell whether what a line allocates takes, in the mean, blocks of the size that is suspected; of others always."""
    if suspect.kind != "blocks":
        return True
    if allocations <= 0:
        return False
    mean_bytes = bytes_ / allocations
    if suspect.name == LARGE:
        return mean_bytes > LARGEST_SMALL_BYTES
    return float(suspect.name) - ALIGNMENT_BYTES < mean_bytes <= float(suspect.name)


def rank_line(suspect: Finding, bytes_: float, allocations: float) -> tuple[bool, bool, float]:
    """Return a line's place by how likely it leaves what is suspected.

    It allocates no more than that comes to, and of its size. Of one size the growth is known exactly, and the line that
    comes nearest to it is first; of all sizes the one that allocates the most often.
    """
    distance = abs(allocations - suspect.per_connection) if suspect.kind == "blocks" else -allocations
    return allocations > most_allocations(suspect), not is_of_size(suspect, bytes_, allocations), distance


def eliminate(culprit: Culprit, suspect: Finding, lines: Lines) -> Culprit:
    """Return the culprit of totals of the process, which nothing holds, given what Python itself allocated.

    tracemalloc sees all that Python's allocators hand out in the traced wave, and nothing of what C code takes by
    itself. Of objects and blocks the lines that allocate the most are the sites, those last that allocate more than the
    leak can come to. Of bytes they are those of which the allocations do not grow in number, since the counts stand
    still: more at other lines is what the last clients of the traced wave had not given back yet. Where they make up
    half of the growth something swells there; else no line of Python has allocated it.
    """
    if suspect.unit != "bytes":
        often = sorted(lines.sites, key=lambda site: rank_line(suspect, site.per_connection_bytes, site.per_connection))
        return msgspec.structs.replace(culprit, sites=often[:MOST_SITES])
    bytes_per_connection = suspect.per_connection
    still = [site for site in lines.sites if site.per_connection <= STILL_PER_CONNECTION]
    traced = sum(site.per_connection_bytes for site in still)
    seen = f"Python's allocators gave out {traced:,.0f} of {bytes_per_connection:,.0f} bytes per connection"
    if traced >= TRACED_SHARE * bytes_per_connection:
        note = f"{seen}, at the lines below: what is there already swells."
        return msgspec.structs.replace(culprit, owner="", memory="swelling", sites=still[:MOST_SITES], note=note)
    note = f"{seen} (tracemalloc), and no count grows: C code keeps the rest. {culprit.note or ''}".strip()
    return msgspec.structs.replace(culprit, owner="", memory="native", sites=[], note=note)

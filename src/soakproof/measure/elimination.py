"""Whose memory grows while every count stands still: Python's, at a line, or by elimination that of C code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from soakproof.culprits import Culprit, Site
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


class Gain(NamedTuple):
    """What a line allocated and kept, per connection; ``sizes`` is how many of each block size, where that is told."""

    bytes: float
    allocations: float
    sizes: Mapping[str, float]


def of_size(suspect: Finding, gain: Gain) -> float:
    """Return how many of a line's allocations take blocks of the size that is suspected; of other suspects all.

    Of runs of earlier agents, which told no sizes, all or none, by what the allocations take in the mean.
    """
    if suspect.kind != "blocks" or gain.allocations <= 0:
        return gain.allocations
    if gain.sizes:
        return gain.sizes.get(suspect.name, 0.0)
    mean_bytes = gain.bytes / gain.allocations
    if suspect.name == LARGE:
        return gain.allocations if mean_bytes > LARGEST_SMALL_BYTES else 0.0
    fits = float(suspect.name) - ALIGNMENT_BYTES < mean_bytes <= float(suspect.name)
    return gain.allocations if fits else 0.0


def rank_line(suspect: Finding, gain: Gain) -> tuple[bool, bool, float, float]:
    """Return a line's place by how likely it leaves what is suspected.

    It allocates no more than that comes to, and of its size. Of one size the growth is known exactly, and the line that
    comes nearest to it is first, of several the one that allocates the most; of all sizes the one that does so the most
    often.
    """
    alike = of_size(suspect, gain)
    often = alike if alike > 0 else gain.allocations
    distance = round(abs(often - suspect.per_connection), 2) if suspect.kind == "blocks" else 0.0
    return often > most_allocations(suspect), alike <= 0, distance, -gain.allocations


def gain_of(site: Site) -> Gain:
    """Return what a line that is written down has gained."""
    return Gain(site.per_connection_bytes, site.per_connection, site.sizes)


def eliminate(culprit: Culprit, suspect: Finding, lines: Lines) -> Culprit:
    """Return the culprit of totals of the process, which nothing holds, given what Python itself allocated.

    tracemalloc sees all that Python's allocators hand out in the traced wave, and nothing of what C code takes by
    itself. Of objects and blocks the lines that allocate the most are the sites, those last that allocate more than the
    leak can come to. Of bytes they are those of which the allocations do not grow in number, since the counts stand
    still: more at other lines is what the last clients of the traced wave had not given back yet. Where they make up
    half of the growth something swells there; else no line of Python has allocated it.
    """
    if suspect.unit != "bytes":
        often = sorted(lines.sites, key=lambda site: rank_line(suspect, gain_of(site)))
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

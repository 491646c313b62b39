"""Growth per line of code: waves under tracemalloc, one of them, or as many as it takes to tell growth from turnover.

Where a container or a class leaks, one wave tells enough. Of objects and blocks that nothing is known to hold only
lines can tell, and tracemalloc takes for growth whatever replaces what is older than the tracing: a ring of records
that goes round, a cache that renews its entries. So waves go on until all lines together gain about what the suspect
gains, by when the old is replaced; and a line counts by its median wave, so that what comes and goes falls out.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from soakproof.judge.filling import MOST_BLOCKS
from soakproof.judge.verdict import Finding
from soakproof.measure.sitepaths import shorten
from soakproof.samples import Lines, Site
from soakproof.target.link import AgentLink

TOP_SITES = 15
ALL_SITES = 300
MIDDLE_OF = 3
MOST_WAVES = 10
TURNOVER = 1.5  # times what the suspect gains at most: tracemalloc counts large allocations too, which are no blocks

Place = tuple[str, int]
RunWave = Callable[[], int]  # returns what growth over the wave is divided by


class WaveGrowth(NamedTuple):
    """What a traced wave left, per connection: the allocations of all lines together, and those lines that gained."""

    connections: int
    allocations: float
    sites: dict[Place, Site]


def trace_lines(links: Sequence[AgentLink], run_wave: RunWave, suspects: Sequence[Finding]) -> Lines:
    """Run traced waves, tracing being on, and return how lines grew in the last of them; the agents keep its mark."""
    waves = [trace_wave(links, run_wave)]
    if not are_held_by_nothing(suspects):
        return to_lines(waves)
    most = TURNOVER * max(most_allocations(suspect) for suspect in suspects)
    while len(waves) < MIDDLE_OF or (len(waves) < MOST_WAVES and middle(waves) > most):
        waves.append(trace_wave(links, run_wave))
    return to_lines(waves[-MIDDLE_OF:])


def are_held_by_nothing(suspects: Sequence[Finding]) -> bool:
    """Tell whether all that is suspected are counted totals of the process."""
    return bool(suspects) and all(each.kind == "heap" and each.unit != "bytes" for each in suspects)


def most_allocations(suspect: Finding) -> float:
    """Return how many allocations per connection a leak of objects or blocks may come to."""
    return suspect.ci[1] * (1 if suspect.metric == "heap:blocks" else MOST_BLOCKS)


def middle(waves: Sequence[WaveGrowth]) -> float:
    """Return the allocations of the median one of the last waves."""
    return statistics.median(wave.allocations for wave in waves[-MIDDLE_OF:])


def trace_wave(links: Sequence[AgentLink], run_wave: RunWave) -> WaveGrowth:
    """Have every process remember the moment, run a wave, and add up what their lines have gained."""
    for link in links:
        link.request("trace_mark")
    connections = run_wave()
    answers = [link.request("trace_growth", top=ALL_SITES) for link in links]
    sites: dict[Place, Site] = {}
    for site in (to_site(site, connections) for answer in answers for site in answer["sites"]):
        place = site.file, site.line
        sites[place] = add_up(sites[place], site) if place in sites else site
    return WaveGrowth(connections, sum(answer["count"] for answer in answers) / connections, sites)


def to_lines(waves: Sequence[WaveGrowth]) -> Lines:
    """Return the median growth of each line over some waves, those that gained in half of them at least."""
    places = dict.fromkeys(place for wave in waves for place in wave.sites)
    sites = [site for place in places if (site := to_middle([wave.sites.get(place) for wave in waves])) is not None]
    sites.sort(key=lambda site: -site.per_connection_bytes)
    return Lines(connections=waves[-1].connections, sites=sites[:TOP_SITES])


def to_middle(gains: Sequence[Site | None]) -> Site | None:
    """Return a line with its median growth, None where that is none."""
    site = next(gain for gain in gains if gain is not None)
    size = statistics.median(gain.per_connection_bytes if gain else 0.0 for gain in gains)
    count = statistics.median(gain.per_connection if gain else 0.0 for gain in gains)
    return with_growth(site, size, count) if size > 0 else None


def add_up(one: Site, other: Site) -> Site:
    """Return a line with what it gained in two processes."""
    size = one.per_connection_bytes + other.per_connection_bytes
    return with_growth(one, size, one.per_connection + other.per_connection)


def with_growth(site: Site, size: float, count: float) -> Site:
    """Return a line with another growth per connection."""
    return msgspec.structs.replace(site, per_connection_bytes=round(size, 2), per_connection=round(count, 4))


def to_site(site: dict[str, Any], connections: int) -> Site:
    """Turn the agent's account of a line into growth per connection."""
    return Site(
        file=shorten(str(site["file"])),
        line=int(site["line"]),
        function=str(site.get("function", "")),
        per_connection_bytes=round(float(site.get("bytes", 0)) / connections, 2),
        per_connection=round(float(site.get("count", 0)) / connections, 4),
        source=str(site.get("source", "")),
    )

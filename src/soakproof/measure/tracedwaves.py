"""Growth per line of code: waves under tracemalloc, one of them, or as many as it takes to tell growth from turnover.

Where a container or a class leaks, one wave tells enough. Of objects and blocks that nothing is known to hold only
lines can tell, and tracemalloc takes for growth whatever replaces what is older than the tracing: a ring of records
that goes round, a cache that renews its entries. So waves go on until all lines together gain about what the suspect
gains, or gain no less from wave to wave, by when the old is replaced; and a line counts by its median wave, so that
what comes and goes falls out.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from soakproof.culprits import Site
from soakproof.judge.verdict import Finding
from soakproof.measure.elimination import Gain, most_allocations, of_size, rank_line
from soakproof.measure.keptstacks import add_stacks
from soakproof.measure.sitepaths import shorten
from soakproof.samples import Lines
from soakproof.target.link import AgentLink

TOP_SITES = 15
ALL_SITES = 5000
MIDDLE_OF = 3
MOST_WAVES = 8
STEADY = 0.7

Place = tuple[str, int]
RunWave = Callable[[], int]  # returns what growth over the wave is divided by


class WaveGrowth(NamedTuple):
    """What a traced wave left, per connection: the allocations of all lines together, and the gains of each."""

    connections: int
    allocations: float
    gains: dict[Place, Gain]


def trace_lines(links: Sequence[AgentLink], run_wave: RunWave, suspects: Sequence[Finding]) -> Lines:
    """Run traced waves, tracing being on, and return how lines grew in the last of them; the agents keep its mark."""
    waves = [trace_wave(links, run_wave)]
    if not are_held_by_nothing(suspects):
        if are_bytes(suspects):  # a table that is made anew is large, and no growth of each wave
            waves += [trace_wave(links, run_wave) for _ in range(MIDDLE_OF - 1)]
        gains = find_middle(waves)
        likeliest = sorted(gains, key=lambda place: -gains[place].bytes)
        return add_stacks(to_lines(links[0], waves[0].connections, gains, likeliest), links, gains)
    while len(waves) < MIDDLE_OF or (len(waves) < MOST_WAVES and is_turning_over(waves[-MIDDLE_OF:], suspects)):
        waves.append(trace_wave(links, run_wave))
    gains = find_middle(waves[-MIDDLE_OF:])
    likeliest = sorted(gains, key=lambda place: min(rank_line(each, gains[place]) for each in suspects))
    return add_stacks(to_lines(links[0], waves[-1].connections, gains, likeliest), links, gains)


def are_held_by_nothing(suspects: Sequence[Finding]) -> bool:
    """Tell whether all that is suspected are counted totals of the process."""
    return bool(suspects) and all(each.kind in {"heap", "blocks"} and each.unit != "bytes" for each in suspects)


def are_bytes(suspects: Sequence[Finding]) -> bool:
    """Tell whether all that is suspected are bytes of the process, of which no count tells anything."""
    return bool(suspects) and all(each.kind in {"heap", "process"} and each.unit == "bytes" for each in suspects)


def is_turning_over(waves: Sequence[WaveGrowth], suspects: Sequence[Finding]) -> bool:
    """Tell whether lines together gain more than the suspects can, and ever less.

    Where blocks of some sizes are suspected, other sizes may go on turning over, and so may what comes and goes.
    """
    most = sum(map(most_allocations, suspects))
    if all(each.kind == "blocks" for each in suspects):
        gained = [gained_of(suspects, wave.gains.values()) for wave in waves]
        middle = gained_of(suspects, find_middle(waves).values())
    else:
        gained = [wave.allocations for wave in waves]
        middle = statistics.median(gained)
    return middle > most and gained[-1] < STEADY * max(gained)


def gained_of(suspects: Sequence[Finding], gains: Iterable[Gain]) -> float:
    """Return the allocations per connection that lines left, of the sizes that are suspected."""
    return sum(of_size(each, gain) for gain in gains for each in suspects)


def trace_wave(links: Sequence[AgentLink], run_wave: RunWave) -> WaveGrowth:
    """Have every process remember the moment, run a wave, and add up what their lines have gained."""
    for link in links:
        link.request("trace_mark")
    connections = run_wave()
    answers = [link.request("trace_growth", top=ALL_SITES, plain=True) for link in links]
    sums: defaultdict[Place, Counter[str]] = defaultdict(Counter)
    sizes: defaultdict[Place, Counter[str]] = defaultdict(Counter)
    for site in (site for answer in answers for site in answer["sites"]):
        place = site["file"], site["line"]
        sums[place].update(bytes=site["bytes"], count=site["count"])
        sizes[place].update(site.get("sizes") or {})
    gains = {
        place: Gain(each["bytes"] / connections, each["count"] / connections, divide(sizes[place], connections))
        for place, each in sums.items()
    }
    return WaveGrowth(connections, sum(answer["count"] for answer in answers) / connections, gains)


def divide(counts: Mapping[str, int], connections: int) -> dict[str, float]:
    """Return counts per connection."""
    return {name: count / connections for name, count in counts.items()}


def find_middle(waves: Sequence[WaveGrowth]) -> dict[Place, Gain]:
    """Return the median gains of each line over some waves, where it gained in half of them at least."""
    gains = {}
    for place in dict.fromkeys(place for wave in waves for place in wave.gains):
        each = [wave.gains.get(place, Gain(0.0, 0.0, {})) for wave in waves]
        sizes = dict.fromkeys(size for gain in each for size in gain.sizes)
        middle = Gain(
            statistics.median(gain.bytes for gain in each),
            statistics.median(gain.allocations for gain in each),
            {size: statistics.median(gain.sizes.get(size, 0.0) for gain in each) for size in sizes},
        )
        if middle.bytes > 0:
            gains[place] = middle
    return gains


def to_lines(link: AgentLink, connections: int, gains: dict[Place, Gain], order: Sequence[Place]) -> Lines:
    """Return the first lines of an order, those that gained the most bytes first, with what stands there."""
    places = sorted(order[:TOP_SITES], key=lambda place: -gains[place].bytes)
    told = link.request("describe_lines", lines=[list(place) for place in places])["sites"]
    return Lines(connections=connections, sites=[with_gain(site, gains[site["file"], site["line"]]) for site in told])


def with_gain(site: dict[str, Any], gain: Gain) -> Site:
    """Turn the agent's account of a line into one with growth per connection."""
    return to_site({**site, "bytes": gain.bytes, "count": gain.allocations, "sizes": gain.sizes}, connections=1)


def to_site(site: dict[str, Any], connections: int) -> Site:
    """Turn the agent's account of a line, with what it gained, into growth per connection."""
    return Site(
        file=shorten(str(site["file"])),
        line=int(site["line"]),
        function=str(site.get("function", "")),
        per_connection_bytes=round(float(site.get("bytes", 0)) / connections, 2),
        per_connection=round(float(site.get("count", 0)) / connections, 4),
        source=str(site.get("source", "")),
        sizes={size: round(count / connections, 4) for size, count in (site.get("sizes") or {}).items() if count > 0},
    )

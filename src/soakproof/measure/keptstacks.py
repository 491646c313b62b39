"""The stacks of what stayed over the last traced wave, put down to the lines as those were measured."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args

import msgspec

from soakproof.culprits import Frame, KeptStack, Origin
from soakproof.measure.elimination import Gain
from soakproof.measure.sitepaths import shorten
from soakproof.samples import Lines
from soakproof.target.link import AgentLink

MOST_STACKS = 200

ORIGINS = get_args(Origin)

Path = tuple[Frame, ...]
Place = tuple[str, int]


class Kept(NamedTuple):
    """What allocations by one stack come to, per connection."""

    bytes: float = 0.0
    number: float = 0.0


def add_stacks(lines: Lines, links: Sequence[AgentLink], gains: Mapping[Place, Gain]) -> Lines:
    """Ask every process by which stacks its lines were reached since the mark, and add those up to what lines gained.

    A stack was seen in one wave, and a line's gain may be the median of several: the stacks of a line share its gain as
    they grew. Those of lines that came to nothing are left out.
    """
    answers = [link.request("trace_stacks", top=MOST_STACKS) for link in links]
    told = [(answer["frames"], stack) for answer in answers for stack in answer["stacks"]]
    grown: Counter[Place] = Counter()
    for frames, stack in told:
        grown[place_of(frames[stack["line"]])] += stack["bytes"]
    sums: defaultdict[tuple[Path, Frame], Kept] = defaultdict(Kept)
    for frames, stack in told:
        place = place_of(frames[stack["line"]])
        gain = gains.get(place)
        if gain is not None:
            share = min(gain.bytes / grown[place], 1.0 / lines.connections)
            path = tuple(to_frame(frames[at]) for at in stack["frames"])
            key = path, to_frame(frames[stack["line"]])
            sums[key] = Kept(
                sums[key].bytes + stack["bytes"] * share, sums[key].number + max(stack["count"], 0) * share
            )
    return put_together(lines, sums)


def place_of(frame: Mapping[str, Any]) -> Place:
    """Return where a frame is, as the agent names it."""
    return frame["file"], frame["line"]


def to_frame(told: Mapping[str, Any]) -> Frame:
    """Turn the agent's account of a frame into one that reads the same on every machine."""
    origin: Origin = told["origin"] if told["origin"] in ORIGINS else "application"
    return Frame(file=shorten(str(told["file"])), line=int(told["line"]), function=str(told["function"]), origin=origin)


def put_together(lines: Lines, sums: Mapping[tuple[Path, Frame], Kept]) -> Lines:
    """Return the lines with stacks, the most bytes first, and the table of their frames."""
    table: dict[Frame, int] = {}
    stacks = [
        KeptStack(
            frames=[table.setdefault(frame, len(table)) for frame in path],
            line=table.setdefault(line, len(table)),
            per_connection_bytes=round(kept.bytes, 2),
            per_connection=round(kept.number, 4),
        )
        for (path, line), kept in sorted(sums.items(), key=lambda item: -item[1].bytes)
    ]
    return msgspec.structs.replace(lines, frames=list(table), stacks=stacks)

"""The stacks of what stays, as the flame graph and other people's tools want them; what only turns over is left out."""

from __future__ import annotations

from dataclasses import dataclass

from soakproof.culprits import Frame
from soakproof.judge.verdict import Verdict
from soakproof.report.charts import most_growth
from soakproof.report.charts.lines import turns_over
from soakproof.samples import Run

NOWHERE = "?"  # as the agent names what was allocated where no Python ran


@dataclass(frozen=True)
class Stayed:
    """One stack, outermost first, with what it keeps: per connection, and over all connections of the traced wave."""

    frames: list[Frame]
    bytes_per_connection: float
    objects_per_connection: float
    connections: int

    @property
    def bytes(self) -> int:
        """Bytes over the traced wave."""
        return round(self.bytes_per_connection * self.connections)

    @property
    def objects(self) -> int:
        """Allocations over the traced wave."""
        return round(self.objects_per_connection * self.connections)


def find_stayed(run: Run, verdict: Verdict) -> list[Stayed]:
    """Return the stacks whose lines keep something, the most bytes first; none of runs that stored no stacks."""
    lines = run.lines
    if lines is None:
        return []
    most = most_growth(verdict)
    passing = {(site.file, site.line) for site in lines.sites if turns_over(site, most)}
    places = [(lines.frames[stack.line].file, lines.frames[stack.line].line) for stack in lines.stacks]
    return [
        Stayed(
            [lines.frames[at] for at in stack.frames],
            stack.per_connection_bytes,
            stack.per_connection,
            lines.connections,
        )
        for stack, place in zip(lines.stacks, places, strict=True)
        if place not in passing and stack.per_connection_bytes > 0
    ]


def name_frame(frame: Frame) -> str:
    """Return a frame as a flame graph calls it: its function, file and line."""
    if frame.file == NOWHERE:
        return "no frame of Python's"
    return f"{frame.function or '?'} ({frame.file}:{frame.line})"

"""What the second pass finds out of a metric that grows: who keeps it, and which lines make it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

Origin = Literal["application", "library", "python"]
Memory = Literal["native", "swelling", "unsettled", "garbage"]


class Site(msgspec.Struct, kw_only=True):
    """A line that allocates what stays, fills the container, raises what kept it from being emptied, or empties it.

    ``entries`` is how many one that empties took out; ``sizes`` how many allocations per connection are kept of each
    block size, of a line found by tracing.
    """

    file: str
    line: int
    function: str
    per_connection_bytes: float = 0.0
    per_connection: float = 0.0
    role: Literal["fills", "allocates", "raises", "empties"] = "allocates"
    source: str = ""
    entries: int | None = None
    sizes: dict[str, float] = {}


class Frame(msgspec.Struct, kw_only=True, frozen=True):
    """One line of a stack; ``function`` is empty where its source could not be read."""

    file: str
    line: int
    function: str = ""
    origin: Origin = "application"


class KeptStack(msgspec.Struct, kw_only=True):
    """A stack whose allocations stayed: places of its frames, outermost first.

    ``line`` is the place of the one that they are put down to: the application's nearest to them.
    """

    frames: list[int]
    line: int
    per_connection_bytes: float
    per_connection: float = 0.0


class TypeCount(msgspec.Struct, kw_only=True):
    """How many objects of one type are kept per connection."""

    name: str
    per_connection: float


class Culprit(msgspec.Struct, kw_only=True):
    """Who keeps it: owner path, chain of retainers from a root, types kept, lines.

    ``within`` lists the owner paths of all containers that keep what grows, over a few steps, the nearest first; None
    where nobody looked. ``part_of`` is the class of the objects of which all that grows is an attribute. ``event`` is
    the Socket.IO event in whose handler it was filled. ``is_garbage`` tells that nothing leads to it, while the target
    has its collector switched off. ``memory`` is what it is where no container keeps it: memory of C code, objects that
    swell, either of them, or cycles that nobody collects. ``held_by`` is the timer that holds nearly all of what grows,
    for about ``held_s`` after it was set: a call that is to be made later, or a task that sleeps. ``beneath`` is what,
    of blocks that no count of containers or types explains, as many new objects are beneath: a class or a module.
    """

    owner: str = ""
    retainers: list[str] = []
    types: list[TypeCount] = []
    sites: list[Site] = []
    origin: Origin = "application"
    package: str | None = None
    trigger: str | None = None
    note: str | None = None
    within: list[str] | None = None
    part_of: str | None = None
    is_garbage: bool = False
    event: str | None = None
    memory: Memory | None = None
    held_s: float | None = None
    held_by: str | None = None
    beneath: str | None = None


def draw_chain(retainers: Sequence[str]) -> str:
    """Return a chain of retainers as a staircase from the root down."""
    return "\n".join(f"{'   ' * (step - 1)}{'└─ ' if step else ''}{name}" for step, name in enumerate(retainers))

"""Durations as people write them, and the marks to which a target's clock is moved."""

from __future__ import annotations

import re
from itertools import pairwise

import msgspec

from soakproof.errors import ConfigError

SECONDS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
LADDER_S = (30.0, 120.0, 600.0, 3600.0, 7200.0, 86_400.0)
PART = re.compile(r"(\d+(?:\.\d+)?)(s|min|m|h|d)?")
AUTO = "auto"
LONGEST_S = 366 * SECONDS["d"]
EXAMPLE = "need a duration, as in 2h, 90m or 1d, several in rising order, as in 5m,10m,1h, or auto"


class Marks(msgspec.Struct, frozen=True):
    """How long after the load's end the target's clock is to stand, in seconds, one after the other.

    ``only_grown``: only where something grew, and no further than until that is empty.
    """

    seconds: tuple[float, ...]
    only_grown: bool = False


def parse_marks(text: str) -> Marks:
    """Read ``2h``, which stands for all the usual marks up to it; ``5m,10m,1h``; or ``auto``.

    Raises:
        ConfigError: one is no duration, or the next is not longer than the one before.
    """
    if text.strip() == AUTO:
        return Marks(LADDER_S, only_grown=True)
    marks = tuple(parse_duration(part.strip(), text) for part in text.split(","))
    for before, after in pairwise(marks):
        if after <= before:
            raise ConfigError(
                f"--fast-forward {text}: {after:g} s comes after {before:g} s; clocks do not go back: "
                "name the marks in rising order, as in 5m,10m,1h"
            )
    if len(marks) > 1:
        return Marks(marks)
    return Marks((*(mark for mark in LADDER_S if mark < marks[0]), marks[0]))


def parse_duration(text: str, whole: str) -> float:
    """Return the seconds of ``90``, ``90s``, ``2h`` or ``1h30m``.

    Raises:
        ConfigError: it is none, or not above 0.
    """
    parts = PART.findall(text)
    if not text or "".join(number + unit for number, unit in parts) != text:
        raise ConfigError(f"--fast-forward {whole!r}: {text!r} is no duration; {EXAMPLE}")
    if len(parts) > 1 and not all(unit for _, unit in parts):
        raise ConfigError(f"--fast-forward {whole!r}: {text!r} has a number without a unit; {EXAMPLE}")
    seconds = sum(float(number) * SECONDS[unit or "s"] for number, unit in parts)
    if not 0 < seconds <= LONGEST_S:
        raise ConfigError(f"--fast-forward {whole!r}: {text!r} is not between 0 and 366 days; {EXAMPLE}")
    return seconds

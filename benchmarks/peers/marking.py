"""At which place a tool names the leak: a line of the function that makes it, or the type of what is kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchmarks.peers.cases import Case
from soakproof.agent.origin import sourcelines

NUMBER = re.compile(r" \+(\d+)(?: |$)")
FEWEST = 50  # of 500 connections
PLACE = re.compile(r"(\S+?\.py):(\d+)")


def find_place(case: Case, lines: Sequence[str], *, tells_lines: bool) -> int | None:
    """Return the place, from 1, of the first of a tool's lines that names the leak; None where none does.

    Of a stack every place on it counts: a person reads on.
    """
    is_hit = is_line if tells_lines else is_type
    return next((place for place, line in enumerate(lines, start=1) if is_hit(case, line)), None)


def is_line(case: Case, line: str) -> bool:
    """Whether a line, or a stack, names the right function."""
    told = [sourcelines.describe_line((file, int(number))) for file, number in PLACE.findall(line)]
    return any(case.line.search(f"{each['file']}:{each['line']} {each['function']}") for each in told)


def is_type(case: Case, line: str) -> bool:
    """Whether a line names the type of what is kept, its numbers left out, and not for a few objects that came once.

    Of the corpus each leak keeps as many as there are clients.
    """
    number = NUMBER.search(line)
    if case.is_real and number and int(number[1]) < FEWEST:
        return False
    return bool(case.type.search(re.sub(r" [+-]\d.*$", "", line)))

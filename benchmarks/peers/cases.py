"""The leaks that every tool is shown: what each server is, and what in a line, or which type, would tell a person."""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

from benchmarks.accuracy.animals import ANIMALS

# Of what is kept: the class that a person would look for. Nothing where only memory grows that is no object of a kind.
TYPES = {
    "buffer": r"bytearray",
    "text": r"str",
    "counted-twice": r"bytes",
    "table": r"(?!)",
    "two-way": r"bidict",
    "library-task": r"Task|coroutine",
    "labels": r"Counter|Value",
    "logger": r"logging\.|Logger",
    "message-class": r"type|Message|Welcome",
    "timer": r"TimerHandle",
    "semaphore": r"Task|coroutine|Future",
    "http-client": r"Session|Connector",
}


class Case(NamedTuple):
    """A leaky server: its name, command (with ``{port}``), the lines that tell, and the types."""

    name: str
    command: tuple[str, ...]
    line: re.Pattern[str]
    type: re.Pattern[str]


def all_cases() -> list[Case]:
    """Return twelve animals of the zoo, each on its leaky side."""
    return [
        Case(
            name,
            (sys.executable, "-m", "benchmarks.zoo", name, "leaky", "{port}"),
            re.compile(ANIMALS[name].line),
            re.compile(types),
        )
        for name, types in TYPES.items()
    ]

"""Attempts at faults: the lines of the file in which the campaign is kept."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

SOCKET = re.compile(r"/\S+/\d+\.sock")
WORKER = re.compile(r"\w+_[0-9a-f]{32}\b")
FILE = Path(__file__).parent / "attempts.jsonl"


class Attempt(msgspec.Struct, frozen=True):
    """One attempt: which test, which fault of which room, what was promised, what happened."""

    test: str
    round: int
    room: str
    fault: str
    promise: str
    happened: str
    is_held: bool
    seconds: float


def without_machine(sentence: str) -> str:
    """Return what happened without where: no directory of an agent, no name of a worker, which holds its host's."""
    return WORKER.sub("<worker>", SOCKET.sub("<pid>.sock", sentence))


def read_attempts(file: Path) -> list[Attempt]:
    """Return the attempts that the file has, none where there is no file."""
    lines = file.read_bytes().splitlines() if file.exists() else []
    return [msgspec.json.decode(line, type=Attempt) for line in lines]


def write_attempt(file: Path, attempt: Attempt) -> None:
    """Add an attempt to the file."""
    with file.open("ab") as stream:
        stream.write(msgspec.json.encode(attempt) + b"\n")

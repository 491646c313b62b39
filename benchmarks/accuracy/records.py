"""The data of the campaign: one JSON line per run, appended when it has ended, and never changed.

A run that is judged again by a later version gets a further line with the same ``run``; the last one counts.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

FOLDER = Path("reports/reference/accuracy")
RUNS = FOLDER / "runs.jsonl"
MISSES = FOLDER / "misses"
SERIES = ("heap:blocks", "heap:objects", "heap:in_use_bytes", "process:uss")


class Machine(msgspec.Struct, kw_only=True):
    """The machine of a run, and how busy it was at its beginning: processes that were ready or running, by minute."""

    cores: int
    cpu: str
    memory_gib: float
    load: float
    python: str


class Culprit(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What the first finding says: its metric, owner, rate with its interval, lines (file, function), types."""

    metric: str
    owner: str = ""
    rate: float = 0.0
    interval: tuple[float, float] = (0.0, 0.0)
    lines: list[str] = []
    types: list[str] = []
    trigger: str | None = None
    reason: str = ""


class Outcome(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a verdict said, and whether that is right.

    ``is_found``: the verdict is the right one, for a leak exit code 1. ``is_named``: the first finding names the right
    container, type or line; None where there is nothing to name. ``explained`` is the share of the growth (0 to 1) that
    the leaks explain together, None where it was not told. ``undecided`` are a few of the metrics left open.
    """

    verdict: str
    exit_code: int
    is_found: bool
    is_named: bool | None = None
    reason: str
    culprit: Culprit | None = None
    explained: float | None = None
    undecided: list[str] = []

    @property
    def is_miss(self) -> bool:
        """Whether the verdict was not the right one, or named the wrong thing."""
        return not self.is_found or self.is_named is False


class Record(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One run and its outcome.

    ``verdict_s``: seconds from the command to its exit; ``measured_s``: those until the last rest point. ``series``
    holds a clean run's rest points: connections, and the readings of a few metrics.
    """

    run: str
    case: str
    group: str
    number: int
    command: list[str]
    commit: str
    soakproof: str
    date: str
    machine: Machine
    verdict_s: float
    measured_s: float
    connections: int
    outcome: Outcome
    series: dict[str, list[float]] = {}
    judged_again: bool = False

    @property
    def made_at(self) -> datetime:
        """When the run was made."""
        return datetime.fromisoformat(self.date)


def append(record: Record, path: Path = RUNS) -> None:
    """Append one record, in one write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        stream.write(msgspec.json.encode(record) + b"\n")


def read(path: Path = RUNS) -> list[Record]:
    """Return all records, oldest first; none where there is no file."""
    if not path.exists():
        return []
    decoder = msgspec.json.Decoder(Record)
    return [decoder.decode(line) for line in path.read_bytes().splitlines() if line.strip()]


def newest(records: list[Record]) -> list[Record]:
    """Return the last record of each run, in the order of the runs."""
    return list({record.run: record for record in records}.values())

"""Batches of made-up inputs: the lines of the file in which `make fuzz` keeps them, and what they came to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

FILE = Path(__file__).parent / "fuzzed.jsonl"


class Batch(msgspec.Struct, frozen=True):
    """Some inputs of one kind, made from one seed, and what came of them; ``mistake`` is the end of a traceback."""

    what: str
    number: int
    inputs: int
    outcomes: dict[str, int]
    seconds: float
    mistake: str = ""


def read_batches(file: Path) -> list[Batch]:
    """Return the batches that are kept; of one that was tried twice the later."""
    lines = file.read_bytes().splitlines() if file.exists() else []
    batches = [msgspec.json.decode(line, type=Batch) for line in lines]
    return list({(batch.what, batch.number): batch for batch in batches}.values())


def write_batch(file: Path, batch: Batch) -> None:
    """Add a batch to the file."""
    with file.open("ab") as stream:
        stream.write(msgspec.json.encode(batch) + b"\n")


def rows_of(batches: Iterable[Batch]) -> Iterator[tuple[str, str, str, str]]:
    """Yield for each kind its name, how many inputs there were, what came of them, and the mistakes."""
    by_kind: dict[str, list[Batch]] = defaultdict(list)
    for batch in batches:
        by_kind[batch.what].append(batch)
    for what, tried in by_kind.items():
        outcomes: Counter[str] = Counter()
        for batch in tried:
            outcomes.update(batch.outcomes)
        words = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(outcomes.items()))
        mistakes = sum(bool(batch.mistake) for batch in tried)
        yield what, f"{sum(outcomes.values()):,}", words or "none", str(mistakes)
